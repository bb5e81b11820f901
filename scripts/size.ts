// `npm run size`: what a page has to load, bundled, minified and gzipped as a web server would send it. Each entry has a goal, and
// a ceiling above which the check fails: where a goal is not met yet, nothing may get heavier unseen. What is needed at first is one
// file, since files are packed each by itself and what is loaded later would otherwise split it; "later" is what the page loads when
// it first needs it, gzipped. `npm run size -- --modules` shows as well how much each file has in it, before it is
// minified.
import { join, relative } from "node:path";
import { gzipSync } from "node:zlib";
import { build, type Rolldown } from "vite";

const ROOT = join(import.meta.dirname, "..");

const KIB = 1024;
const ENTRIES = [
  { what: "connect and send", entry: "test/size/connect-and-send.ts", goalBytes: 16 * KIB, ceilingBytes: 16_370 },
  { what: "a full node", entry: "test/size/full-node.ts", goalBytes: 40 * KIB, ceilingBytes: 41_460 },
  { what: "whole core", entry: "test/size/whole-core.ts", goalBytes: 40 * KIB, ceilingBytes: 72_010 },
  // What the first shell loads on top of the console.
  { what: "a terminal", entry: "packages/web-demo/src/panels/shell/terminal.ts", goalBytes: 150_000, ceilingBytes: 140_000 },
];

console.log(`${"".padEnd(18)}${["minified", "gzipped", "goal", "ceiling", "later"].map((title) => title.padStart(10)).join("")}`);
for (const { what, entry, goalBytes, ceilingBytes } of ENTRIES) {
  const { first, later } = await bundle(entry);
  const gzippedBytes = gzipped(first);
  const numbers = [Buffer.byteLength(codeOf(first)), gzippedBytes, goalBytes, ceilingBytes, gzipped(later)]
    .map((bytes) => String(bytes).padStart(10))
    .join("");
  console.log(`${what.padEnd(18)}${numbers}  ${verdict(gzippedBytes, goalBytes, ceilingBytes)}`);
  if (gzippedBytes > ceilingBytes) process.exitCode = 1;
  if (process.argv.includes("--modules")) printModules([...first, ...later]);
}

// The console as a page without a bundler loads it: first to be shown, then to be connected, then each panel when it is opened. What
// two of them share counts where it comes first. "Initial" is what has to be there before the console is of use: the element, shown
// and connected to its node, with what its worker loads. Which panel comes next is for the page and the person to choose; it is loaded meanwhile, and counts by
// itself. So does what is needed only when something is wrong, or when a message arrives.
const CONSOLE_SHOWN = { goalBytes: 60_000, ceilingBytes: 20_300 };
const CONSOLE_CONNECTED = { goalBytes: 60_000, ceilingBytes: 60_000 };
/** What each panel loads on top of that. */
const PANEL_GOAL_BYTES = 150_000;
const PANEL_CEILING_BYTES: Readonly<Record<string, number>> = {
  overview: 33_000,
  shell: 36_300,
  processes: 35_900,
  tree: 42_500,
  ets: 21_600,
  logs: 15_700,
  trace: 29_350,
  messages: 26_900,
  nodes: 17_400,
};
const { entry, chunks } = await bundleConsole();
const shown = closure(entry, chunks);
printConsole("console, shown", shown, CONSOLE_SHOWN.goalBytes, CONSOLE_SHOWN.ceilingBytes);
const session = chunks.find(({ modules }) => Object.keys(modules).some((path) => path.endsWith("/connection/session.ts")));
if (session === undefined) throw new Error("the console's bundle has no chunk of connection/session.ts");
const connected = new Set([...shown, ...closure(session, chunks)]);
printConsole("  connected", connected, CONSOLE_CONNECTED.goalBytes, CONSOLE_CONNECTED.ceilingBytes);
for (const { facadeModuleId, fileName } of chunks) {
  const panel = /\/([\w-]+)\/define\.ts$/.exec(facadeModuleId ?? "")?.[1];
  const chunk = chunks.find((each) => each.fileName === fileName);
  if (panel === undefined || chunk === undefined) continue;
  const more = new Set([...closure(chunk, chunks)].filter((each) => !connected.has(each)));
  printConsole(`  ${panel}, more`, more, PANEL_GOAL_BYTES, PANEL_CEILING_BYTES[panel] ?? 0);
}

function printConsole(what: string, files: ReadonlySet<Rolldown.OutputChunk>, goalBytes: number, ceilingBytes: number): void {
  const bytes = gzipped([...files]);
  const numbers = [Buffer.byteLength(codeOf([...files])), bytes, goalBytes, ceilingBytes]
    .map((each) => String(each).padStart(10))
    .join("");
  console.log(`${what.padEnd(18)}${numbers}${"".padStart(10)}  ${verdict(bytes, goalBytes, ceilingBytes)}`);
  if (bytes > ceilingBytes) process.exitCode = 1;
}

/** A chunk and all that it imports at once. */
function closure(from: Rolldown.OutputChunk, all: readonly Rolldown.OutputChunk[]): Set<Rolldown.OutputChunk> {
  const found = new Set<Rolldown.OutputChunk>();
  const visit = (chunk: Rolldown.OutputChunk): void => {
    if (found.has(chunk)) return;
    found.add(chunk);
    for (const each of all) if (chunk.imports.includes(each.fileName)) visit(each);
  };
  visit(from);
  return found;
}

async function bundleConsole(): Promise<{ entry: Rolldown.OutputChunk; chunks: Rolldown.OutputChunk[] }> {
  const configFile = join(ROOT, "packages/web-demo/vite.cdn.config.ts");
  const result = await build({ configFile, logLevel: "warn", build: { write: false } });
  const { output } = (Array.isArray(result) ? result[0] : result) as Rolldown.RolldownOutput;
  const chunks = output.filter((part) => part.type === "chunk");
  const entry = chunks.find(({ isEntry }) => isEntry);
  if (entry === undefined) throw new Error("the console's bundle has no entry");
  return { entry, chunks };
}

function verdict(bytes: number, goalBytes: number, ceilingBytes: number): string {
  if (bytes > ceilingBytes) return `ABOVE THE CEILING by ${bytes - ceilingBytes}`;
  return bytes > goalBytes ? `goal missed by ${bytes - goalBytes}` : "goal met";
}

/** The sum of the files, each packed by itself. */
function gzipped(chunks: readonly Rolldown.OutputChunk[]): number {
  return chunks.reduce((sum, { code }) => sum + gzipSync(code, { level: 9 }).length, 0);
}

function codeOf(chunks: readonly Rolldown.OutputChunk[]): string {
  return chunks.map(({ code }) => code).join("");
}

interface Bundle {
  /** The entry and all that it imports. */
  readonly first: readonly Rolldown.OutputChunk[];
  readonly later: readonly Rolldown.OutputChunk[];
}

async function bundle(entry: string): Promise<Bundle> {
  const result = await build({
    configFile: false,
    root: ROOT,
    logLevel: "warn",
    resolve: { conditions: ["@erl-dist/source", "browser", "import", "default"] },
    build: {
      write: false,
      target: "es2023",
      // As a library, since Vite adds a helper of its own (0.8 kB) to pages that load something later; others do not.
      lib: { entry: join(ROOT, entry), formats: ["es"] },
      rolldownOptions: {
        output: {
          minify: true,
          // Annotations say to a further bundler what it may leave out; this is what a page loads.
          comments: false,
          codeSplitting: { groups: [{ name: "first", test: join(ROOT, entry) }] },
        },
        preserveEntrySignatures: "allow-extension",
      },
    },
  });
  const { output } = (Array.isArray(result) ? result[0] : result) as Rolldown.RolldownOutput;
  const chunks = output.filter((part) => part.type === "chunk");
  const first = new Set(chunks.filter(({ isEntry }) => isEntry));
  for (const { imports } of first) for (const chunk of chunks) if (imports.includes(chunk.fileName)) first.add(chunk);
  return { first: [...first], later: chunks.filter((chunk) => !first.has(chunk)) };
}

function printModules(chunks: readonly Rolldown.OutputChunk[]): void {
  const modules = chunks.flatMap((chunk) => Object.entries(chunk.modules));
  for (const [path, { renderedLength }] of modules.toSorted(([, a], [, b]) => b.renderedLength - a.renderedLength)) {
    if (renderedLength > 0) console.log(`  ${String(renderedLength).padStart(8)}  ${relative(ROOT, path)}`);
  }
}
