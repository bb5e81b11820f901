// custom-elements.json is what editors and documentation know of the elements: it has to say what the sources say.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readText } from "./support/sources.ts";

const PACKAGE = join(import.meta.dirname, "../packages/web-demo");
const ANALYZER = join(import.meta.dirname, "../node_modules/@custom-elements-manifest/analyzer/cem.js");

interface Manifest {
  readonly modules: readonly {
    readonly declarations?: readonly {
      readonly name: string;
      readonly customElement?: boolean;
      readonly attributes?: readonly { readonly name: string }[];
      readonly events?: readonly { readonly name: string }[];
    }[];
  }[];
}

it("says what the sources say: npm -w @erl-dist/web-demo run manifest", () => {
  const folder = mkdtempSync(join(tmpdir(), "erl-dist-manifest-"));
  try {
    const args = [
      ANALYZER,
      "analyze",
      "--litelement",
      "--globs",
      "src/**/*.ts",
      "--exclude",
      "src/**/*.test.ts",
      "--outdir",
      folder,
    ];
    execFileSync(process.execPath, args, { cwd: PACKAGE, stdio: "ignore" });
    expect(readText("packages/web-demo/custom-elements.json")).toBe(readFileSync(join(folder, "custom-elements.json"), "utf8"));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it("knows the console's attributes and events", () => {
  const { modules } = JSON.parse(readText("packages/web-demo/custom-elements.json")) as Manifest;
  const element = modules.flatMap(({ declarations = [] }) => declarations).find(({ name }) => name === "ErlConsole");
  expect(element?.customElement).toBe(true);
  expect(element?.attributes?.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["bridge", "node", "panels", "read-only", "allow"]),
  );
  expect(element?.events?.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["erl-connect", "erl-before-action", "erl-select"]),
  );
});
