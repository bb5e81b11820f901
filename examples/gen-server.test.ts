import { afterAll, beforeAll, expect, it } from "vitest";
import { startExample } from "../test/support/example.ts";
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

it("gen-server is called, cast to, waited for and looked into from Erlang, until it is told to stop", async () => {
  const { printed, ended } = startExample("gen-server", [erl.name, "--cookie", "secret"], {
    ERL_EPMD_PORT: String(epmd.portNo),
  });
  const [, server = ""] = /cast\((\{store, '.*?'\}),/.exec(await printed("try:")) ?? [];
  expect(await erl.eval(`gen_server:cast(${server}, {put, a, 1}), gen_server:call(${server}, {get, a})`)).toBe("1");
  expect(await erl.eval(`gen_server:call(${server}, {get, b})`)).toBe("undefined");
  // Two callers wait for what a third one brings.
  expect(
    await erl.eval(`Self = self(),
      [spawn(fun() -> Self ! gen_server:call(${server}, {wait, b}) end) || _ <- [1, 2]],
      gen_server:cast(${server}, {put, c, 3}), gen_server:cast(${server}, {put, b, [2]}),
      [receive Value -> Value after 5000 -> none end || _ <- [1, 2]]`),
  ).toBe("[[2],[2]]");
  expect(await erl.eval(`maps:to_list(sys:get_state(${server}))`)).toBe("[{a,1},{b,[2]},{c,3}]");
  expect(await erl.eval(`gen_server:call(${server}, what)`)).toBe("{error,unknown}");
  expect(await erl.eval(`gen_server:call(${server}, stop)`)).toBe("stopped");
  expect(await ended).toMatchObject({ code: 0, output: expect.stringContaining("the server has ended") as string });
});
