// `npm run size`: what a page has to load, bundled, minified and gzipped as a web server would send it. Over budget is a failure.
// `npm run size -- --modules` shows as well how much each file has in it, before it is minified.
import { join, relative } from "node:path";
import { gzipSync } from "node:zlib";
import { build, type Rolldown } from "vite";

const ROOT = join(import.meta.dirname, "..");

const BUDGETS = [
  { what: "connect and send", entry: "test/size/connect-and-send.ts", budgetBytes: 16 * 1024 },
  { what: "whole core", entry: "test/size/whole-core.ts", budgetBytes: 40 * 1024 },
];

console.log(`${"".padEnd(18)}${["minified", "gzipped", "budget"].map((title) => title.padStart(10)).join("")}`);
for (const { what, entry, budgetBytes } of BUDGETS) {
  const chunks = await bundle(entry);
  const code = chunks.map((chunk) => chunk.code).join("");
  const gzippedBytes = gzipSync(code, { level: 9 }).length;
  const numbers = [Buffer.byteLength(code), gzippedBytes, budgetBytes].map((bytes) => String(bytes).padStart(10)).join("");
  console.log(`${what.padEnd(18)}${numbers}${gzippedBytes > budgetBytes ? "  OVER BUDGET" : ""}`);
  if (gzippedBytes > budgetBytes) process.exitCode = 1;
  if (process.argv.includes("--modules")) printModules(chunks);
}

async function bundle(entry: string): Promise<Rolldown.OutputChunk[]> {
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
  return output.filter((part) => part.type === "chunk");
}

function printModules(chunks: readonly Rolldown.OutputChunk[]): void {
  const modules = chunks.flatMap((chunk) => Object.entries(chunk.modules));
  for (const [path, { renderedLength }] of modules.toSorted(([, a], [, b]) => b.renderedLength - a.renderedLength)) {
    if (renderedLength > 0) console.log(`  ${String(renderedLength).padStart(8)}  ${relative(ROOT, path)}`);
  }
}
