// `npm run size`: what a page has to load, bundled, minified and gzipped as a web server would send it. Each entry has a goal, and
// a ceiling above which the check fails: the goals are not met yet, and until they are nothing may get heavier unseen.
// `npm run size -- --modules` shows as well how much each file has in it, before it is minified.
import { join, relative } from "node:path";
import { gzipSync } from "node:zlib";
import { build, type Rolldown } from "vite";

const ROOT = join(import.meta.dirname, "..");

const KIB = 1024;
const ENTRIES = [
  { what: "connect and send", entry: "test/size/connect-and-send.ts", goalBytes: 16 * KIB, ceilingBytes: 50 * KIB },
  { what: "whole core", entry: "test/size/whole-core.ts", goalBytes: 40 * KIB, ceilingBytes: 80 * KIB },
];

console.log(`${"".padEnd(18)}${["minified", "gzipped", "goal", "ceiling"].map((title) => title.padStart(10)).join("")}`);
for (const { what, entry, goalBytes, ceilingBytes } of ENTRIES) {
  const chunks = await bundle(entry);
  const code = chunks.map((chunk) => chunk.code).join("");
  const gzippedBytes = gzipSync(code, { level: 9 }).length;
  const numbers = [Buffer.byteLength(code), gzippedBytes, goalBytes, ceilingBytes]
    .map((bytes) => String(bytes).padStart(10))
    .join("");
  console.log(`${what.padEnd(18)}${numbers}  ${verdict(gzippedBytes, goalBytes, ceilingBytes)}`);
  if (gzippedBytes > ceilingBytes) process.exitCode = 1;
  if (process.argv.includes("--modules")) printModules(chunks);
}

function verdict(bytes: number, goalBytes: number, ceilingBytes: number): string {
  if (bytes > ceilingBytes) return `ABOVE THE CEILING by ${bytes - ceilingBytes}`;
  return bytes > goalBytes ? `goal missed by ${bytes - goalBytes}` : "goal met";
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
