// What editors and catalogues know of the elements is custom-elements.json, which is written by a tool and kept: it must not go stale.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { FILE, htmlCustomData, type Manifest } from "../html-custom-data.ts";

const PACKAGE = join(import.meta.dirname, "..");

it("has the manifest that the sources give: npm run manifest writes it", () => {
  const folder = mkdtempSync(join(tmpdir(), "custom-elements-"));
  try {
    const cem = join(
      dirname(createRequire(import.meta.url).resolve("@custom-elements-manifest/analyzer/package.json")),
      "cem.js",
    );
    // The tool reads --outdir from where it runs, also when it begins with a slash.
    execFileSync(process.execPath, [cem, ...analysis(), "--outdir", relative(PACKAGE, folder)], { cwd: PACKAGE, stdio: "pipe" });
    expect(readJson(join(PACKAGE, "custom-elements.json"))).toEqual(readJson(join(folder, "custom-elements.json")));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it("has the data for editors that the manifest gives", () => {
  // Both are the project's own files.
  const manifest = readJson(join(PACKAGE, "custom-elements.json")) as Manifest;
  expect(readJson(FILE)).toEqual(htmlCustomData(manifest));
});

describe("of the console the manifest names", () => {
  const names = (key: string): string[] => (consoleDeclaration()[key] ?? []).map(({ name }) => name);

  it("each part that a template has, those of the panels as the console exports them", () => {
    const exported = panelParts();
    const inFrame = found(/\bpart="([^"]+)"/g, (path) => path.startsWith("erl-console/"));
    const inPanels = found(/\bpart(?:=|", )"([^"]+)"/g, (path) => path.startsWith("panels/"));
    expect([...inPanels].filter((part) => !exported.has(part))).toEqual([]);
    // The drawer is in an expression.
    const all = [...inFrame, "drawer", ...[...inPanels].map((part) => exported.get(part) ?? part)];
    expect(new Set(names("cssParts"))).toEqual(new Set(all));
  });

  it("each custom property that a style reads", () => {
    const read = found(/var\((--erl-[\w-]+)/g, () => true);
    expect(new Set(names("cssProperties"))).toEqual(read);
  });

  it("each event, with its type", () => {
    const [, map = ""] = /interface ErlConsoleEventMap \{([^]*?)\n\}/.exec(sources().get("events.ts") ?? "") ?? [];
    const declared = [...map.matchAll(/"(erl-[\w-]+)": (.*);/g)].map(([, name, type]) => [name, type]);
    expect(declared.length).toBeGreaterThan(5);
    const events = (consoleDeclaration()["events"] ?? []).map(({ name, type }) => [name, type?.text]);
    expect(Object.fromEntries(events)).toEqual(Object.fromEntries(declared));
  });

  it("nothing without saying what it is", () => {
    const keys = ["attributes", "events", "slots", "cssParts", "cssProperties", "cssStates"];
    const silent = keys.flatMap((key) => (consoleDeclaration()[key] ?? []).filter(({ description = "" }) => description === ""));
    expect(silent).toEqual([]);
  });
});

interface Named {
  readonly name: string;
  readonly description?: string;
  readonly type?: { readonly text: string };
}

function consoleDeclaration(): Readonly<Record<string, readonly Named[] | undefined>> {
  // As the analyzer writes it.
  const { modules } = readJson(join(PACKAGE, "custom-elements.json")) as {
    modules: { declarations?: ({ tagName?: string } & Record<string, readonly Named[]>)[] }[];
  };
  const declaration = modules.flatMap(({ declarations = [] }) => declarations).find(({ tagName }) => tagName === "erl-console");
  if (declaration === undefined) throw new Error("the manifest has no erl-console");
  return declaration;
}

/** What is written in the sources, by their paths in src/. */
function sources(): ReadonlyMap<string, string> {
  const paths = readdirSync(import.meta.dirname, { recursive: true, encoding: "utf8" });
  const files = paths.filter((path) => path.endsWith(".ts") && !path.endsWith(".test.ts"));
  return new Map(files.map((path) => [path, readFileSync(join(import.meta.dirname, path), "utf8")]));
}

/** The words that a pattern captures in the sources of some paths; expressions in a template are left out. */
function found(pattern: RegExp, wanted: (path: string) => boolean): Set<string> {
  const texts = [...sources()].filter(([path]) => wanted(path)).map(([, text]) => text);
  const words = texts.flatMap((text) => [...text.matchAll(pattern)].flatMap(([, all = ""]) => all.split(" ")));
  const expressions = /^\$\{|^$|[^\w-]/;
  return new Set(words.filter((word) => !expressions.test(word)));
}

/** The parts of panels, and how the console calls them. */
function panelParts(): ReadonlyMap<string, string> {
  const [, list = ""] = /EXPORTED_PARTS =\s+"([^"]+)"/.exec(sources().get("panels/panel-element.ts") ?? "") ?? [];
  return new Map(
    list.split(", ").map((each) => {
      const [inside = "", outside = inside] = each.split(": ");
      return [inside, outside] as const;
    }),
  );
}

/** What the package's own script says, but for where the manifest goes. */
function analysis(): string[] {
  const { scripts } = readJson(join(PACKAGE, "package.json")) as { scripts: { manifest: string } };
  const words: readonly string[] = scripts.manifest.match(/"[^"]*"|\S+/g) ?? [];
  return words.slice(1, words.indexOf("--outdir")).map((word) => word.replaceAll('"', ""));
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, "utf8"));
}
