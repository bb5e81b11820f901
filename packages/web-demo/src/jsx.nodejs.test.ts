// What the compiler says of pages that use the elements in JSX: with a framework of a few lines, that does as the real ones do.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";

const FRAMEWORK = `
import type { ErlElements } from "@erl-dist/web-demo";
export namespace JSX {
  interface IntrinsicElements extends ErlElements {}
  interface Element {}
  interface ElementChildrenAttribute { children: {} }
}
export declare const jsx: unknown, jsxs: unknown, Fragment: unknown;`;

const CONFIG = {
  compilerOptions: {
    strict: true,
    noEmit: true,
    exactOptionalPropertyTypes: true,
    allowImportingTsExtensions: true,
    customConditions: ["@erl-dist/source"],
    paths: { "@erl-dist/web-demo": [join(import.meta.dirname, "index.ts")], "framework/jsx-runtime": ["./framework.d.ts"] },
    jsx: "react-jsx",
    jsxImportSource: "framework",
    module: "esnext",
    moduleResolution: "bundler",
    target: "esnext",
    lib: ["esnext", "dom", "dom.iterable"],
    types: [],
    skipLibCheck: true,
  },
};

const PAGES: Readonly<Record<string, string>> = {
  console: `<erl-console bridge="wss://ops.example.com" node="shop@10.0.0.5" panels="overview shell" density="compact" read-only
    storage-key="shop" auth={() => Promise.resolve("ticket")} linkForMfa={(module, fun, arity) => module + fun + arity.toFixed()}
    columns={["pid", { id: "load", title: "Load", cell: ({ queueLength }) => queueLength.toFixed() }]}
    processFilter={({ queueLength }) => queueLength > 0} onerl-connect={({ detail }) => detail.name.length}
    on:erl-action={({ detail }) => detail.permission}>Ours</erl-console>`,
  panels: `<erl-connection node="shop@10.0.0.5"><erl-shell mode="line" allow="eval" /></erl-connection>`,
  event: "<erl-console onerl-connect={({ detail }) => detail.nothing} />",
  value: `<erl-console density="dense" />`,
  attribute: `<erl-nodes pid="<0.1.0>" />`,
  element: "<erl-nothing />",
};

it("takes the elements with what they have, and says what they have not", () => {
  const folder = mkdtempSync(join(tmpdir(), "erl-jsx-"));
  try {
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(CONFIG));
    writeFileSync(join(folder, "framework.d.ts"), FRAMEWORK);
    for (const [name, jsx] of Object.entries(PAGES)) {
      writeFileSync(join(folder, `${name}.tsx`), `export const shown = ${jsx};\n`);
    }
    const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
    const { stdout } = spawnSync(process.execPath, [tsc, "-p", folder, "--pretty", "false"], { encoding: "utf8", cwd: folder });
    // One line for each problem of a page; what explains it is indented.
    expect(stdout.split("\n").filter((line) => /^\w+\.tsx/.test(line))).toEqual([
      expect.stringMatching(/^attribute\.tsx.*'\{ pid: string; \}' is not assignable/),
      expect.stringMatching(/^element\.tsx.*'erl-nothing' does not exist/),
      expect.stringMatching(/^event\.tsx.*'nothing' does not exist/),
      expect.stringMatching(/^value\.tsx.*'"dense"' is not assignable/),
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
