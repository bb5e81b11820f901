import { afterAll, beforeAll, expect, it } from "vitest";
import { runExample, startExample } from "../test/support/example.ts";
import { type Epmd, type ErlNode, startEpmd, startErl } from "../test/support/otp.ts";

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

it("erpc calls functions of the node, and has its own called", async () => {
  const { code, output } = await runExample("erpc", [erl.name, "--cookie", "secret"], { ERL_EPMD_PORT: String(epmd.portNo) });
  expect(output.split("\n")).toEqual([
    `erlang:node() = '${erl.name}'`,
    "lists:sum([1,2,3]) = 6",
    'js:upper(<<"hello">>) = <<"HELLO">>',
    expect.stringMatching(/^js:sleep\(10\) = \{<[0-9A-Z]+@127\.0\.0\.1\.\d+\.\d+>,awake\}$/),
    "exception: error:{exception,badarith,[{js,fail,0,[]}]}",
    "",
  ]);
  expect(code).toBe(0);
});

it("erpc serves calls until the node goes away", async () => {
  const other = await startErl({ epmd });
  const { printed, ended } = startExample("erpc", [other.name, "--cookie", "secret", "--serve"], {
    ERL_EPMD_PORT: String(epmd.portNo),
  });
  const [, name = ""] = /erpc:call\('(.*)', js/.exec(await printed("try:")) ?? [];
  expect(await other.eval(`erpc:call('${name}', js, upper, [<<"hello">>])`)).toBe('<<"HELLO">>');
  await other.stop();
  expect((await ended).code).toBe(0);
});
