#!/usr/bin/env node
// erl-bridge: standard output is for programs (one JSON line for each event), standard error for people.
import { readFileSync } from "node:fs";
import { type Command, parseCommand, USAGE } from "./arguments.ts";
import { type Bridge, createBridge } from "./bridge.ts";
import { type BridgeConfig, settingsOf } from "./config.ts";
import { printable } from "./config-file.ts";
import { importKey, mintTicket } from "./policy/index.ts";

/** As most commands have it: 2 is the caller's mistake, 1 everything else. */
const EXIT_USAGE = 2;
const EXIT_FAILURE = 1;

await run(await command());

/** Also what only takes time to see: whether a text is a key. */
async function command(): Promise<Command> {
  const parsed = parseCommand(process.argv.slice(2), process.env);
  const { auth } = "config" in parsed ? parsed.config : {};
  if (auth?.type !== "jwt" || auth.algorithm !== "EdDSA") return parsed;
  try {
    await importKey({ algorithm: "EdDSA", key: auth.key ?? "" });
    return parsed;
  } catch (error) {
    return { command: "wrong", message: `auth.key: ${messageOf(error)}` };
  }
}

async function run(command: Command): Promise<void> {
  switch (command.command) {
    case "help":
      process.stdout.write(USAGE);
      return;
    case "version":
      process.stdout.write(`erl-bridge ${version()}\n`);
      return;
    case "wrong":
      say(command.message);
      process.exitCode = EXIT_USAGE;
      return;
    case "check":
      process.stdout.write(`The configuration is good: ${describe(command.config)}.\n`);
      return;
    case "print-config":
      process.stdout.write(`${JSON.stringify(printable(command.config), undefined, 2)}\n`);
      return;
    case "mint":
      await mint(command.ticket);
      return;
    case "serve":
      await serve(command.config);
      return;
    default:
      command satisfies never;
  }
}

async function mint(options: Parameters<typeof mintTicket>[0]): Promise<void> {
  try {
    process.stdout.write(`${JSON.stringify(await mintTicket(options))}\n`);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    say(error.message);
    process.exitCode = EXIT_USAGE;
  }
}

async function serve(config: BridgeConfig): Promise<void> {
  const log: BridgeConfig["log"] = (record) => print({ event: "linkclose", ...record });
  const bridge = createBridge({ ...config, log });
  // Before anybody can know that it is there: a signal without a listener would end it.
  let signals = 0;
  const stop = (isPatient: boolean): void => {
    signals += 1;
    // The second one means: now; the third one: whatever is on the way.
    if (signals > 2) process.exit(EXIT_FAILURE);
    const ended = signals === 1 && isPatient ? bridge.drain() : bridge.close();
    if (signals === 1) void ended.then(() => print({ event: "closed" }));
  };
  // Whoever types Ctrl-C does not want to wait for pages; whoever puts another bridge in this one's place does.
  process.on("SIGINT", () => stop(false)).on("SIGTERM", () => stop(true));
  process.on("SIGHUP", () => void reload(bridge, log));
  let url: string;
  try {
    ({ url } = await bridge.listen());
  } catch (error) {
    say(`cannot listen: ${messageOf(error)}`);
    process.exitCode = EXIT_FAILURE;
    await bridge.close();
    return;
  }
  const targets = [...bridge.targets].map(([id, { node }]) => ({ id, node }));
  print({ event: "listening", url, level: settingsOf(config).admission.level, targets, monitor: bridge.monitorUrl });
  process.stderr.write(
    config.dev === true ? greeting(config, url, targets) : `erl-bridge listens at ${url}: ${describe(config)}.\n`,
  );
}

/** Reads everything again; what is wrong leaves all as it is. */
async function reload(bridge: Bridge, log: BridgeConfig["log"]): Promise<void> {
  const parsed = await command();
  try {
    if (parsed.command === "wrong") throw new TypeError(parsed.message);
    if (parsed.command === "serve") bridge.reconfigure({ ...parsed.config, log });
    print({ event: "reloaded" });
  } catch (error) {
    say(`the configuration stays as it was: ${messageOf(error)}`);
    print({ event: "reloadfailed", reason: messageOf(error) });
  }
}

function describe(config: BridgeConfig): string {
  const { targets, admission } = settingsOf(config);
  const ids = [...targets].map(([id, { node }]) => `/dist/${encodeURIComponent(id)} is ${node}`);
  return `level ${admission.level}, ${ids.join(", ")}`;
}

/** For whoever has just typed --dev: the address by itself, to be copied, and code that works as it stands. */
function greeting(config: BridgeConfig, url: string, targets: readonly { readonly id: string; readonly node: string }[]): string {
  const { level, verify } = settingsOf(config).admission;
  // A target that goes by its node's name needs no option.
  const { id, node } = targets.find((each) => each.id === each.node) ?? targets[0] ?? { id: "", node: "" };
  const options = [id === node ? "" : `target: ${JSON.stringify(id)}`, verify === undefined ? "" : "token"].filter(Boolean);
  const ticket =
    verify === undefined
      ? ""
      : `  const { token, secret } = ticket; // as "erl-bridge mint --target ${id} --subject me" prints it\n`;
  const cookie = level === "custody" ? "cookie: secret" : "cookie";
  const connect = `bridge("${url}"${options.length === 0 ? "" : `, { ${options.join(", ")} }`})`;
  const who =
    verify === undefined
      ? "there is no token, since a page has to know the cookie anyway.\nAny page on this machine that does"
      : "tickets are asked for.\nAny page on this machine that has one";
  return `erl-bridge listens at ${url}

In a page on this machine:

${ticket}  const node = await ErlangNode.start({ ${cookie}, connect: ${connect} });
  await node.ping("${node}");

${targets.map(pathOf).join("")}
This is for development, at level ${level}: ${who} can connect,
and whoever is connected to a node can run any code on it.
`;
}

function pathOf({ id, node }: { readonly id: string; readonly node: string }): string {
  const option = id === node ? "" : `, for pages that give { target: ${JSON.stringify(id)} }`;
  return `  /dist/${encodeURIComponent(id)} is ${node}${option}\n`;
}

function print(event: object): void {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), ...event })}\n`);
}

function say(message: string): void {
  process.stderr.write(`erl-bridge: ${message}\n`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function version(): string {
  const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string };
  return manifest.version;
}
