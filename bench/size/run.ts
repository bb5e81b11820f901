// `npm run bench:size`: what a page loads, by scripts/size.ts.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { Section } from "../support/section.ts";

export async function benchSize(): Promise<Section> {
  const { stdout, stderr, status } = spawnSync(process.execPath, [join(import.meta.dirname, "../../scripts/size.ts")], {
    encoding: "utf8",
  });
  const missing = stdout === "" ? [`the sizes: ${stderr.trim().split("\n")[0] ?? ""}`] : [];
  const verdict = status === 0 ? "" : "\n\nAbove a ceiling.";
  return {
    title: "What a page loads (`npm run bench:size`)",
    body: `In bytes.\n\n\`\`\`\n${stdout.trimEnd()}\n\`\`\`${verdict}`,
    missing,
  };
}
