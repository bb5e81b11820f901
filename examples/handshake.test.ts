import { afterAll, beforeAll, expect, it } from "vitest";
import { runExample } from "../test/support/example.ts";
import { type Epmd, type ErlNode, freePortNo, startEpmd, startErl } from "../test/support/otp.ts";

let epmd: Epmd;
let erl: ErlNode;

beforeAll(async () => {
  epmd = await startEpmd();
  erl = await startErl({ epmd });
});
afterAll(async () => {
  await erl.stop();
  await epmd.stop();
});

const run = (...args: string[]): ReturnType<typeof runExample> =>
  runExample("handshake", args, { ERL_EPMD_PORT: String(epmd.portNo) });

it.each([
  ["by way of EPMD", () => []],
  ["at a given port", () => ["--port", String(erl.portNo)]],
])("shows who a real node is, found %s", async (_, extra) => {
  const { code, output } = await run("--node", erl.name, "--cookie", "secret", ...extra());
  const creation = await erl.eval("erlang:system_info(creation)");
  expect(output).toContain(`${erl.name} (creation ${creation}) knows us as `);
  expect(output).toMatch(/^its flags: .*UTF8_ATOMS, MAP_TAG, .*SPAWN, NAME_ME, V4_NC, ALIAS/m);
  expect(code).toBe(0);
});

it.each([
  ["the cookie", () => ["--node", erl.name, "--cookie", "other"], "refused the cookie"],
  ["the name", () => ["--node", "nobody@127.0.0.1", "--cookie", "secret"], 'knows no node "nobody"'],
  ["what is no name", () => ["--node", "nobody", "--cookie", "secret"], 'as "app@host" is'],
  [
    "the node behind the port",
    () => ["--node", "other@127.0.0.1", "--cookie", "secret", "--port", String(erl.portNo)],
    "leads to another node",
  ],
  ["no option", () => [], "usage: handshake"],
])("says in words that %s is wrong, and exits with 1", async (_, args, words) => {
  expect(await run(...args())).toMatchObject({ code: 1, output: expect.stringContaining(words) });
});

it("says in words that nothing listens there", async () => {
  const portNo = String(await freePortNo());
  const { code, output } = await run("--node", "app@127.0.0.1", "--cookie", "secret", "--port", portNo);
  expect(output).toContain("connection refused");
  expect(code).toBe(1);
});
