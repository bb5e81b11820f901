// The codecs of bench/thirdparty, which only the bench installs.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

const FOLDER = join(import.meta.dirname, "../thirdparty");

/** Installs them where that has not been done; gives what went wrong, for then they are left out. */
export function installThirdParty(): readonly string[] {
  if (existsSync(join(FOLDER, "node_modules/.package-lock.json"))) return [];
  const { status, stderr, error } = spawnSync(
    "npm",
    ["install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"],
    {
      cwd: FOLDER,
      encoding: "utf8",
    },
  );
  if (status === 0) return [];
  return [`the codecs of bench/thirdparty, which npm could not install: ${error?.message ?? stderr.trim().split("\n")[0] ?? ""}`];
}
