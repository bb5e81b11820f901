#!/usr/bin/env node
// erl-bridge: standard output is for programs (one JSON line for each event), standard error for people.
import { readFileSync } from "node:fs";
import { type Command, parseCommand, USAGE } from "./arguments.ts";
import { createBridge } from "./bridge.ts";
import type { BridgeConfig } from "./config.ts";

/** As most commands have it: 2 is the caller's mistake, 1 everything else. */
const EXIT_USAGE = 2;
const EXIT_FAILURE = 1;

await run(parseCommand(process.argv.slice(2)));

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
    case "serve":
      await serve(command.config);
      return;
    default:
      command satisfies never;
  }
}

async function serve(config: BridgeConfig): Promise<void> {
  const bridge = createBridge({ ...config, log: (record) => print({ event: "linkclose", ...record }) });
  let url: string;
  try {
    ({ url } = await bridge.listen());
  } catch (error) {
    say(`cannot listen: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = EXIT_FAILURE;
    return;
  }
  const targets = [...bridge.targets].map(([id, { node }]) => ({ id, node }));
  print({ event: "listening", url, targets });
  process.stderr.write(greeting(url, targets));
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
}

function greeting(url: string, targets: readonly { readonly id: string; readonly node: string }[]): string {
  const [first] = targets;
  const option = first === undefined || first.id === first.node ? "" : `, { target: ${JSON.stringify(first.id)} }`;
  return `erl-bridge listens at ${url}. In a page on this machine:

  const node = await ErlangNode.start({ cookie, connect: bridge("${url}"${option}) });
  await node.ping("${first?.node}");

${targets.map(({ id, node }) => `  /dist/${encodeURIComponent(id)} is ${node}\n`).join("")}
This is for development. The bridge only passes bytes on: any page on this machine that knows
the cookie can connect, and whoever is connected to a node can run any code on it.
`;
}

function print(event: object): void {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), ...event })}\n`);
}

function say(message: string): void {
  process.stderr.write(`erl-bridge: ${message}\n`);
}

function version(): string {
  const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string };
  return manifest.version;
}
