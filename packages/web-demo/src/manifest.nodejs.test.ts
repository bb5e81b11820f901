// What editors and catalogues know of the elements is custom-elements.json, which is written by a tool and kept: it must not go stale.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { expect, it } from "vitest";

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

/** What the package's own script says, but for where the manifest goes. */
function analysis(): string[] {
  const { scripts } = readJson(join(PACKAGE, "package.json")) as { scripts: { manifest: string } };
  const words: readonly string[] = scripts.manifest.match(/"[^"]*"|\S+/g) ?? [];
  return words.slice(1, words.indexOf("--outdir")).map((word) => word.replaceAll('"', ""));
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, "utf8"));
}
