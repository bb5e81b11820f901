import { expect, it } from "vitest";
import { parseCommand, USAGE } from "./arguments.ts";

it("makes a target of its node's own name with --dev", () => {
  expect(parse("--dev app@127.0.0.1")).toEqual({
    command: "serve",
    config: { dev: true, targets: { "app@127.0.0.1": { node: "app@127.0.0.1" } } },
  });
});

it("takes every option", () => {
  const args = `--dev app@127.0.0.1:4001 --target shop=shop@localhost --target admin=shop@localhost:4002
    --port 0 --host ::1 --origin http://localhost:5173 --origin https://tools.example.com --epmd-port 4370
    --level gated --host-name my-laptop.lan --monitor-port 0`;
  expect(parse(args)).toEqual({
    command: "serve",
    config: {
      dev: true,
      level: "gated",
      hostNames: ["my-laptop.lan"],
      monitor: { portNo: 0 },
      targets: {
        shop: { node: "shop@localhost" },
        admin: { node: "shop@localhost", portNo: 4002 },
        "app@127.0.0.1": { node: "app@127.0.0.1", portNo: 4001 },
      },
      portNo: 0,
      host: "::1",
      origins: ["http://localhost:5173", "https://tools.example.com"],
      epmdPortNo: 4370,
    },
  });
});

it.each([
  ["", "no target; name a node, as in --dev app@127.0.0.1, or a --config (--help tells more)"],
  ["--dev", "--dev: a value is missing; one that begins with a dash is written --dev=VALUE"],
  ["--dev --port 0", "--dev: a value is missing; one that begins with a dash is written --dev=VALUE"],
  ["--dev nobody", '--dev: "nobody" is not a full node name, as app@127.0.0.1 is'],
  ["--dev a@b:", '--dev: "" is not a port'],
  ["--dev a@b:0", 'targets["a@b"].portNo: 0 is not a port from 1 to 65535'],
  ["--dev a@b:65536", '--dev: "65536" is not a port'],
  ["--dev a@b --port -1", "--port: a value is missing; one that begins with a dash is written --port=VALUE"],
  ["--dev a@b --port 1e3", '--port: "1e3" is not a port'],
  ["--dev a@b --host 0.0.0.0", '--host: "0.0.0.0" is not a loopback address, and dev is for this machine only'],
  ["--dev a@b --host example.com", '--host: "example.com" is not a loopback address, and dev is for this machine only'],
  ["--dev a@b --origin *", '--origin: "*" is not a page\'s origin, as "http://localhost:5173" is'],
  ["--dev a@b --origin null", '--origin: "null" is not a page\'s origin, as "http://localhost:5173" is'],
  ["--dev a@b --epmd-port 0", "--epmd-port: 0 is not a port from 1 to 65535"],
  ["--target a@b", '--target: "a@b" is not ID=NODE@HOST'],
  ["--target =a@b", '--target: "=a@b" is not ID=NODE@HOST'],
  ["--target x=a@b --target x=a@c", '--target: there are two targets "x"'],
  ["--target a@b=x@y --dev a@b", '--dev: there are two targets "a@b"'],
  ["--dev a@b --port=-1", '--port: "-1" is not a port'],
  ["--bogus", "--bogus: there is no such option; --help lists them"],
  ["-b", "-b: there is no such option; --help lists them"],
  ["--dev a@b extra", '"extra" belongs to no option'],
  ["app@127.0.0.1", '"app@127.0.0.1" belongs to no option; do you mean --dev app@127.0.0.1?'],
  ["--target x=a@b", 'origins: is missing: whose pages may connect, as ["https://shop.example.com"]'],
  ["--target x=a@b --level blind", '--level: "blind" lets strangers reach the node, so it is for dev only'],
  ["--dev a@b --level safe", '--level: "safe" is not one of blind, gated, custody'],
  [
    "--dev a@b --level custody",
    "key: is missing: the secrets of sessions are made from it (openssl rand -hex 32); it stands in --config FILE or in ERL_BRIDGE_KEY",
  ],
  [
    "--target x=a@b --origin https://a.b",
    'auth: is missing: who may connect, as { "type": "jwt" } for tokens that are signed with the key; it stands in --config FILE',
  ],
  ["--dev a@b --host-name a:1", '--host-name: "a:1" is not a host name without port, as "bridge.example.com" is'],
  ["--dev a@b --monitor-port x", '--monitor-port: "x" is not a port'],
  ["--config /", "--config: cannot read /: it is a folder"],
  ["--config absent.json", "--config: cannot read absent.json: there is no such file"],
  ["mint", "--target: is missing: the id of the target that the ticket is for"],
  ["mint --target a", "--subject: is missing: for whom the ticket is"],
  [
    "mint --target a --subject b",
    "key: is missing: the token is signed with it; it stands in --config FILE or in ERL_BRIDGE_KEY",
  ],
  ["mint --target a --subject b --name c", '--name: "c" is not a full node name, as ann@shop is'],
  ["mint --target a --subject=", "--subject: is missing: for whom the ticket is"],
  ["--help=no", "--help: takes no value"],
])("says in one line what is wrong with %j", (args, message) => {
  expect(parse(args)).toEqual({ command: "wrong", message });
});

it.each(["help", "version"])("puts --%s first, whatever else is there", (command) => {
  expect(parse(`--port x --${command}`)).toEqual({ command });
});

it("takes -h for --help", () => {
  for (const args of ["-h", "mint -h"]) expect(parse(args)).toEqual({ command: "help" });
});

it("explains itself within 80 columns", () => {
  expect(USAGE.split("\n").filter((line) => line.length > 80)).toEqual([]);
});

function parse(args: string): unknown {
  return parseCommand(args.split(/\s+/).filter((arg) => arg !== ""));
}

it("takes from the environment what the command line leaves out", () => {
  const env = {
    ERL_BRIDGE_PORT: "4371",
    ERL_BRIDGE_HOST: "::1",
    ERL_BRIDGE_ORIGINS: "https://a.example, https://b.example",
    ERL_BRIDGE_LEVEL: "custody",
    ERL_BRIDGE_KEY: "k".repeat(32),
    ERL_BRIDGE_COOKIE: "secret",
    ERL_BRIDGE_MONITOR_PORT: "9000",
    ERL_EPMD_PORT: "4400",
  };
  expect(parseCommand(["--dev", "a@b", "--port", "4372"], env)).toMatchObject({
    config: {
      portNo: 4372,
      host: "::1",
      origins: ["https://a.example", "https://b.example"],
      level: "custody",
      key: "k".repeat(32),
      cookie: "secret",
      monitor: { portNo: 9000 },
      epmdPortNo: 4400,
    },
  });
});

it.each([
  [{ ERL_BRIDGE_PORT: "x" }, 'ERL_BRIDGE_PORT: "x" is not a port'],
  [
    { ERL_BRIDGE_ORIGINS: "https://a.example,*" },
    'ERL_BRIDGE_ORIGINS: "*" is not a page\'s origin, as "http://localhost:5173" is',
  ],
  [{ ERL_BRIDGE_LEVEL: "x" }, 'ERL_BRIDGE_LEVEL: "x" is not one of blind, gated, custody'],
  [
    { ERL_BRIDGE_LEVEL: "custody", ERL_BRIDGE_KEY: "short" },
    "ERL_BRIDGE_KEY: has 5 bytes, and less than 32 can be guessed (openssl rand -hex 32)",
  ],
])("names the variable that is wrong: %j", (env, message) => {
  expect(parseCommand(["--dev", "a@b"], env)).toEqual({ command: "wrong", message });
});

it("mints for the target and subject that it is told", () => {
  const args = "mint --target shop --subject ann --name ann@web --seconds 30 --session 3600".split(" ");
  expect(parseCommand(args, { ERL_BRIDGE_KEY: "k".repeat(32) })).toEqual({
    command: "mint",
    ticket: { key: "k".repeat(32), target: "shop", subject: "ann", name: "ann@web", seconds: 30, session: 3600 },
  });
  const wrong = parseCommand([...args.slice(0, 5), "--seconds", "soon"], { ERL_BRIDGE_KEY: "k".repeat(32) });
  expect(wrong).toEqual({ command: "wrong", message: '--seconds: "soon" is not a number of seconds' });
  const long = parseCommand([...args.slice(0, 5), "--seconds", "301"], { ERL_BRIDGE_KEY: "k".repeat(32) });
  expect(long).toEqual({ command: "wrong", message: "--seconds: the bridge takes 300 at most" });
});
