// The second half of setup.mjs: the programs that npm cannot bring.
//   node scripts/programs.ts [--optional] erlang elixir chromium
// What is missing gets installed as root on Debian; anywhere else the line to run is printed, and the exit code is 1.
// With --optional a missing program is told and no failure.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { chromium } from "playwright";
import { chromiumLaunch } from "./chromium.ts";

interface Program {
  readonly name: string;
  readonly packages: readonly string[];
  /** The line for a system without Debian's packages. */
  readonly elsewhere: string;
  present(): boolean;
}

const PROGRAMS: Readonly<Record<string, Program>> = {
  erlang: {
    name: "Erlang/OTP 25 or newer with ssl",
    packages: ["erlang-base", "erlang-ssl"],
    elsewhere: process.platform === "win32" ? "winget install --id Erlang.ErlangOTP" : "brew install erlang",
    present: hasErlang,
  },
  elixir: {
    name: "Elixir",
    packages: ["elixir"],
    elsewhere: "brew install elixir",
    present: () => existsSync("/usr/lib/elixir/lib"),
  },
  chromium: {
    name: "Chromium",
    packages: ["chromium"],
    elsewhere: "npx playwright install chromium",
    present: () => existsSync(chromiumLaunch().executablePath ?? chromium.executablePath()),
  },
};

const wanted = process.argv.slice(2).filter((argument) => argument !== "--optional");
const optional = process.argv.includes("--optional");
const missing = wanted.map(program).filter((candidate) => !candidate.present());
if (missing.length > 0 && !install(missing) && !optional) process.exitCode = 1;

function program(key: string): Program {
  const found = PROGRAMS[key];
  if (found === undefined)
    throw new TypeError(`no program ${JSON.stringify(key)}; there are ${Object.keys(PROGRAMS).join(", ")}`);
  return found;
}

// Asks the emulator itself: an `erl` without ssl, or an old one, would fail much later and say less.
function hasErlang(): boolean {
  const check =
    "R = list_to_integer(erlang:system_info(otp_release)), S = application:load(ssl), halt(if R >= 25, S =:= ok -> 0; true -> 1 end).";
  const env = { ...process.env, HOME: process.env["HOME"] ?? "/tmp", ERL_CRASH_DUMP: "/dev/null" };
  return spawnSync("erl", ["-noshell", "-noinput", "-eval", check], { env, stdio: "ignore" }).status === 0;
}

function install(programs: readonly Program[]): boolean {
  const names = programs.map(({ name }) => name).join(" and ");
  const packages = programs.flatMap((each) => each.packages);
  if (onDebian() && process.getuid?.() === 0) {
    console.log(`Installing ${names} (apt-get install ${packages.join(" ")}) …`);
    if (aptGet(["update", "-qq"]) && aptGet(["install", "-y", "-qq", "--no-install-recommends", ...packages])) return true;
  }
  const lines = onDebian()
    ? [`sudo apt-get update && sudo apt-get install -y --no-install-recommends ${packages.join(" ")}`]
    : programs.map(({ elsewhere }) => elsewhere);
  console.error(`${names} ${programs.length === 1 ? "is" : "are"} missing. Run:`);
  for (const line of lines) console.error(`  ${line}`);
  return false;
}

function onDebian(): boolean {
  return existsSync("/etc/os-release") && /^ID=debian$/m.test(readFileSync("/etc/os-release", "utf8"));
}

// Quiet while all is well; what apt-get said is shown when it failed.
function aptGet(args: readonly string[]): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const { status, error, stdout, stderr } = spawnSync("apt-get", args, { env, encoding: "utf8" });
  if (status !== 0) console.error(error?.message ?? `${stdout}${stderr}`);
  return status === 0;
}
