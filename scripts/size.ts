// `npm run size`: what a page has to load, bundled, minified and gzipped as a web server would send it. Over budget is a failure.
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build, type Rolldown } from "vite";

const ROOT = join(import.meta.dirname, "..");

const BUDGETS = [
  { what: "connect and send", entry: "test/size/connect-and-send.ts", budgetBytes: 16 * 1024 },
  { what: "whole core", entry: "test/size/whole-core.ts", budgetBytes: 40 * 1024 },
];

console.log(`${"".padEnd(18)}${["minified", "gzipped", "budget"].map((title) => title.padStart(10)).join("")}`);
for (const { what, entry, budgetBytes } of BUDGETS) {
  const code = await bundle(entry);
  const gzippedBytes = gzipSync(code, { level: 9 }).length;
  const numbers = [Buffer.byteLength(code), gzippedBytes, budgetBytes].map((bytes) => String(bytes).padStart(10)).join("");
  console.log(`${what.padEnd(18)}${numbers}${gzippedBytes > budgetBytes ? "  OVER BUDGET" : ""}`);
  if (gzippedBytes > budgetBytes) process.exitCode = 1;
}

async function bundle(entry: string): Promise<string> {
  const result = await build({
    configFile: false,
    root: ROOT,
    logLevel: "warn",
    resolve: { conditions: ["@erl-dist/source", "browser", "import", "default"] },
    build: {
      write: false,
      target: "es2023",
      modulePreload: false,
      rolldownOptions: { input: join(ROOT, entry), output: { minify: true }, preserveEntrySignatures: "strict" },
    },
  });
  const { output } = (Array.isArray(result) ? result[0] : result) as Rolldown.RolldownOutput;
  return output.map((part) => (part.type === "chunk" ? part.code : "")).join("");
}
