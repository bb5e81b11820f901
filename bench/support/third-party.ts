// The codecs of bench/thirdparty, which only the bench installs.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const FOLDER = join(import.meta.dirname, "../thirdparty");
const NPM_INSTALL = ["install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"];

/** Installs them where that has not been done; gives what went wrong, for then they are left out. */
export function installThirdParty(): readonly string[] {
  if (!isInstalled()) {
    const trouble = npm(NPM_INSTALL);
    if (trouble !== undefined) return [`the codecs of bench/thirdparty, which npm could not install: ${trouble}`];
  }
  return buildErlpack();
}

function isInstalled(): boolean {
  const { dependencies } = JSON.parse(readFileSync(join(FOLDER, "package.json"), "utf8")) as { readonly dependencies: object };
  return Object.keys(dependencies).every((name) => existsSync(join(FOLDER, "node_modules", name, "package.json")));
}

/** erlpack is C++, built for the Node.js that runs this, with the headers that came with it: nothing is downloaded. */
function buildErlpack(): readonly string[] {
  // Built by another Node.js it does not load.
  if (spawnSync(process.execPath, ["-e", 'require("erlpack")'], { cwd: FOLDER }).status === 0) return [];
  const nodeFolder = dirname(dirname(process.execPath));
  if (!existsSync(join(nodeFolder, "include/node/node.h")))
    return [`erlpack was not built: this Node.js has no C++ headers (no include/node/node.h beside it)`];
  const trouble = npm(["rebuild", "erlpack", `--nodedir=${nodeFolder}`]);
  return trouble === undefined ? [] : [`erlpack was not built, which takes python3, make and a C++ compiler: ${trouble}`];
}

/** What it says of why it failed; undefined when it did not. */
function npm(args: readonly string[]): string | undefined {
  const { status, stderr, error } = spawnSync("npm", args, { cwd: FOLDER, encoding: "utf8" });
  if (status === 0) return undefined;
  const lines = stderr.trim().split("\n");
  return error?.message ?? lines.findLast((line) => /\berr(or)?!?\b/i.test(line)) ?? lines[0] ?? "";
}
