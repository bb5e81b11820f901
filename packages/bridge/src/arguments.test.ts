import { expect, it } from "vitest";
import { parseCommand, USAGE } from "./arguments.ts";

it("makes a target of its node's own name with --dev", () => {
  expect(parse("--dev app@127.0.0.1")).toEqual({
    command: "serve",
    config: { targets: { "app@127.0.0.1": { node: "app@127.0.0.1" } } },
  });
});

it("takes every option", () => {
  const args = `--dev app@127.0.0.1:4001 --target shop=shop@localhost --target admin=shop@localhost:4002
    --port 0 --host ::1 --origin http://localhost:5173 --origin https://tools.example.com --epmd-port 4370`;
  expect(parse(args)).toEqual({
    command: "serve",
    config: {
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
  ["", "no target; name a node, as in --dev app@127.0.0.1 (--help tells more)"],
  ["--dev", "Option '--dev <value>' argument missing"],
  ["--dev --port 0", "Option '--dev' argument is ambiguous"],
  ["--dev nobody", '--dev: "nobody" is not a full node name, as app@127.0.0.1 is'],
  ["--dev a@b:", '--dev: "" is not a port'],
  ["--dev a@b:0", 'targets["a@b"].portNo: 0 is not a port from 1 to 65535'],
  ["--dev a@b:65536", '--dev: "65536" is not a port'],
  ["--dev a@b --port -1", "Option '--port' argument is ambiguous"],
  ["--dev a@b --port 1e3", '--port: "1e3" is not a port'],
  ["--dev a@b --host 0.0.0.0", '--host: "0.0.0.0" is not a loopback address, and this version serves its own machine only'],
  [
    "--dev a@b --host example.com",
    '--host: "example.com" is not a loopback address, and this version serves its own machine only',
  ],
  ["--dev a@b --origin *", '--origin: "*" is not a page\'s origin, as "http://localhost:5173" is'],
  ["--dev a@b --origin null", '--origin: "null" is not a page\'s origin, as "http://localhost:5173" is'],
  ["--dev a@b --epmd-port 0", "--epmd-port: 0 is not a port from 1 to 65535"],
  ["--target a@b", '--target: "a@b" is not ID=NODE@HOST'],
  ["--target =a@b", '--target: "=a@b" is not ID=NODE@HOST'],
  ["--target x=a@b --target x=a@c", '--target: there are two targets "x"'],
  ["--target a@b=x@y --dev a@b", '--dev: there are two targets "a@b"'],
  ["--bogus", "Unknown option '--bogus'"],
  ["--dev a@b extra", "Unexpected argument 'extra'. This command does not take positional arguments"],
  ["--help=no", "Option '--help' does not take an argument"],
])("says in one line what is wrong with %j", (args, message) => {
  expect(parse(args)).toEqual({ command: "wrong", message });
});

it.each(["help", "version"])("puts --%s first, whatever else is there", (command) => {
  expect(parse(`--port x --${command}`)).toEqual({ command });
});

it("explains itself within 80 columns", () => {
  expect(USAGE.split("\n").filter((line) => line.length > 80)).toEqual([]);
});

function parse(args: string): unknown {
  return parseCommand(args.split(/\s+/).filter((arg) => arg !== ""));
}
