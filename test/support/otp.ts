// Real Erlang nodes and a real epmd for the tests. A node dies with its standard input, so that not even a killed
// test process leaves one behind; expressions are evaluated over that same pipe.
import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { freePortNo } from "./free-port.ts";

export { freePortNo };

/** One Erlang/OTP installation: how its programs are started. */
export interface Release {
  readonly otp: string;
  readonly prefix: readonly string[];
}

/** The system's `erl`, and each `otpNN` folder (entered by chroot) of the directory that OTP_MATRIX_DIR names. */
export function releases(): Release[] {
  const found: Release[] = [release([])];
  const directory = process.env["OTP_MATRIX_DIR"];
  if (directory !== undefined) {
    for (const entry of readdirSync(directory).toSorted()) {
      const root = join(directory, entry);
      if (existsSync(join(root, "usr/bin/erl"))) found.push(release(["chroot", root]));
    }
  }
  return found;
}

function release(prefix: readonly string[]): Release {
  const [file, ...args] = [...prefix, "erl", "-noshell", "-eval", 'io:format("~s",[erlang:system_info(otp_release)]),halt().'];
  return { otp: execFileSync(file, args, { encoding: "utf8", env: environment() }), prefix };
}

/** Files that nodes of this release can read, in a folder of their own. */
export function placeFiles(
  { prefix }: Release,
  files: Readonly<Record<string, string>>,
): {
  /** As the release's programs see it. */
  readonly folder: string;
  readonly remove: () => void;
} {
  const [, root = ""] = prefix;
  const folder = mkdtempSync(join(root === "" ? tmpdir() : join(root, "tmp"), "erl-dist-"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return { folder: folder.slice(root.length), remove: () => rmSync(folder, { recursive: true }) };
}

export interface Epmd {
  readonly portNo: number;
  stop(): Promise<void>;
}

export interface EpmdOptions {
  readonly portNo?: number;
  /** By default the system's. */
  readonly release?: Release;
}

/** A real epmd, on a port of its own unless one is given. */
export async function startEpmd({ portNo, release }: EpmdOptions = {}): Promise<Epmd> {
  const port = portNo ?? (await freePortNo());
  const command = [...(release?.prefix ?? []), "epmd", "-port", String(port), "-address", "127.0.0.1", "-relaxed_command_check"];
  // The shell ends epmd when its own input ends, and that ends with us, however we end.
  const child = spawn("sh", ["-c", '"$@" & cat; kill -9 $!', "sh", ...command], {
    stdio: ["pipe", "ignore", "ignore"],
    env: environment(),
  });
  const exited = once(child, "exit");
  const deadline = Date.now() + EPMD_START_MS;
  while (!(await accepts(port))) {
    if (Date.now() > deadline) {
      child.stdin.end();
      throw new Error(`epmd did not answer on port ${port} within ${EPMD_START_MS} ms: is it installed?`);
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return {
    portNo: port,
    async stop() {
      child.stdin.end();
      await exited;
    },
  };
}

const EPMD_START_MS = 20_000;

function accepts(portNo: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(portNo, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}

export interface ErlOptions {
  readonly release?: Release;
  /** Part before the `@`; by default a fresh one. */
  readonly alive?: string;
  readonly cookie?: string;
  /** Register there; without it the node listens on a fixed port and uses no epmd at all. */
  readonly epmd?: Epmd;
  /** The distribution port, for a node that comes back; by default a free one. */
  readonly portNo?: number;
  /** Further emulator arguments. */
  readonly args?: readonly string[];
}

export interface ErlNode {
  readonly name: string;
  readonly cookie: string;
  readonly otp: string;
  /** The distribution port. */
  readonly portNo: number;
  readonly pid: number;
  /** Evaluates an expression sequence (the final dot may be left out) and gives the value as `~0tp` prints it; throws what it throws. */
  eval(expressions: string): Promise<string>;
  /** Everything the node wrote that was not an answer (logger output). */
  output(): string;
  /** Ends the node at once, as a power cut would. */
  kill(): Promise<void>;
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

let counter = 0;

/** Starts a real Erlang node on 127.0.0.1 and waits until it answers. */
export async function startErl(options: ErlOptions = {}): Promise<ErlNode> {
  const chosen = options.release ?? release([]);
  const portNo = options.portNo ?? (await freePortNo());
  const alive = options.alive ?? `t${process.pid}x${++counter}`;
  const name = `${alive}@127.0.0.1`;
  const cookie = options.cookie ?? "secret";
  const epmd = options.epmd;
  const listen =
    epmd === undefined
      ? ["-erl_epmd_port", String(portNo)]
      : ["-kernel", "inet_dist_listen_min", String(portNo), "inet_dist_listen_max", String(portNo)];
  const [file, ...args] = [
    ...chosen.prefix,
    "erl",
    "-noshell",
    "-start_epmd",
    "false",
    "-name",
    name,
    "-setcookie",
    cookie,
    ...listen,
    "-kernel",
    "inet_dist_use_interface",
    "{127,0,0,1}",
    ...(options.args ?? []),
    "-eval",
    EVALUATOR,
  ];
  const child = spawn(file, args, {
    env: { ...environment(), ...(epmd === undefined ? {} : { ERL_EPMD_PORT: String(epmd.portNo) }) },
  });
  const evaluator = new Evaluator(child);
  const exited = once(child, "exit");
  await evaluator.ready;
  const node: ErlNode = {
    name,
    cookie,
    otp: chosen.otp,
    portNo,
    pid: child.pid ?? 0,
    eval: (expressions) => evaluator.eval(expressions),
    output: () => evaluator.output,
    async kill() {
      child.kill("SIGKILL");
      await exited;
    },
    async stop() {
      child.stdin.end();
      await exited;
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode === null && child.signalCode === null) await node.stop();
    },
  };
  return node;
}

// One base64 line for each request; it is evaluated and answered with one marked base64 line. End of input ends the node, whatever is
// being evaluated: one process does nothing but read, and one keeps the lines until they are asked for, since what is evaluated may
// receive any message.
const EVALUATOR = `
Text = fun(T) -> unicode:characters_to_binary(io_lib:format("~0tp", [T])) end,
Run = fun(B64) ->
  try
    {ok, Tokens, _} = erl_scan:string(unicode:characters_to_list(base64:decode(B64))),
    {ok, Exprs} = erl_parse:parse_exprs(Tokens),
    {value, Value, _} = erl_eval:exprs(Exprs, []),
    ["ok ", base64:encode(Text(Value))]
  catch Class:Reason:Stack -> ["error ", base64:encode(Text({Class, Reason, Stack}))] end
end,
Keeper = spawn(fun Keep() -> receive {next, Pid, Ref} -> receive {line, Line} -> Pid ! {Ref, Line} end end, Keep() end),
Loop = fun Loop() ->
  Ref = make_ref(),
  Keeper ! {next, self(), Ref},
  receive {Ref, Line} -> io:put_chars(["@@ ", Run(string:trim(Line)), "\\n"]) end,
  Loop()
end,
spawn(fun() -> io:put_chars("@@ ok \\n"), Loop() end),
spawn(fun Read() ->
  case io:get_line("") of
    Line when is_list(Line); is_binary(Line) -> Keeper ! {line, Line}, Read();
    _ -> erlang:halt(0, [{flush, false}])
  end
end).
`.replaceAll("\n", " ");

class Evaluator {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #waiting: { resolve: (value: string) => void; reject: (error: Error) => void }[] = [];
  readonly ready: Promise<string>;
  output = "";

  constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
    this.ready = this.#answer();
    child.stderr.on("data", (chunk: Buffer) => {
      this.output += chunk.toString();
    });
    child.stdin.on("error", () => {
      // The node has gone: "exit" below tells those who wait.
    });
    child.on("exit", (code, signal) => {
      for (const { reject } of this.#waiting.splice(0)) reject(new Error(`erl ended (${signal ?? code}): ${this.output}`));
    });
    createInterface({ input: child.stdout }).on("line", (line) => this.#line(line));
  }

  eval(expressions: string): Promise<string> {
    const text = expressions.trim();
    const answer = this.#answer();
    this.#child.stdin.write(`${Buffer.from(text.endsWith(".") ? text : `${text}.`).toString("base64")}\n`);
    return answer;
  }

  #answer(): Promise<string> {
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  #line(line: string): void {
    const match = /^@@ (ok|error) (.*)$/.exec(line);
    if (match === null) {
      this.output += `${line}\n`;
      return;
    }
    const value = Buffer.from(match[2] ?? "", "base64").toString();
    const waiting = this.#waiting.shift();
    if (match[1] === "ok") waiting?.resolve(value);
    else waiting?.reject(new Error(value));
  }
}

function environment(): NodeJS.ProcessEnv {
  const { ERL_FLAGS: _flags, ERL_AFLAGS: _aflags, ERL_ZFLAGS: _zflags, ...rest } = process.env;
  return {
    ...rest,
    HOME: process.env["HOME"] ?? "/tmp",
    ERL_CRASH_DUMP: "/dev/null",
    PATH: `${process.env["PATH"]}:/usr/sbin:/sbin`,
  };
}
