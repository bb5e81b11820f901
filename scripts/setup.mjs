// What runs before `npm test` and `npm run demo`: on a fresh clone nothing but npm and some Node.js (20 or newer) is there, so
// this file is plain JavaScript without dependencies. It brings node_modules and a Node.js that fits, and has that one look for
// the programs that the arguments name.
import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";

// From 22.18 on Node.js runs TypeScript by itself, which our scripts, examples and tests ask for.
const NEEDED = [22, 18];
const ROOT = join(import.meta.dirname ?? ".", "..");

if (!installed()) {
  console.log("Installing node_modules (npm ci) …");
  run(process.env.npm_execpath === undefined ? ["npm", "ci"] : [process.execPath, process.env.npm_execpath, "ci"]);
}
checkNode();
run(["node", "scripts/programs.ts", ...process.argv.slice(2)]);

function installed() {
  const tree = modified("node_modules/.package-lock.json");
  return tree !== undefined && tree >= modified("package-lock.json");
}

function modified(path) {
  const file = join(ROOT, path);
  return existsSync(file) ? statSync(file).mtimeMs : undefined;
}

// npm puts node_modules/.bin first in PATH; there lies our own Node.js, where npm has one for the platform.
function checkNode() {
  const { stdout } = spawnSync("node", ["--version"], { cwd: ROOT, encoding: "utf8", shell: process.platform === "win32" });
  const version = (stdout ?? "").trim();
  const [major = 0, minor = 0] = version.slice(1).split(".").map(Number);
  if (major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1])) return;
  console.error(`Node.js ${NEEDED.join(".")} or newer is needed here, found ${version || "none"}.`);
  console.error(process.platform === "darwin" ? "Run: brew install node@24 && brew link node@24" : "See https://nodejs.org");
  process.exit(1);
}

function run([command, ...args]) {
  const { status, error } = spawnSync(command, args, { cwd: ROOT, stdio: "inherit", shell: process.platform === "win32" });
  if (error !== undefined) console.error(error.message);
  if (status !== 0) process.exit(1);
}
