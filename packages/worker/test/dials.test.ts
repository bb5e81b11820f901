// Connections that do not come about: the packets that ask for them get no answer, as at an address behind a firewall.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type ErlNode, releases, startErl } from "../../../test/support/otp.ts";
import { COOKIE, startWorker, type TestWorker } from "./support/worker.ts";

const HANGING = Array.from({ length: 6 }, (_, index) => `hanging${index}@127.0.0.1`);

// Listens, and takes no connection: when its queue is full, the kernel does not answer others. After `take` it takes them all, and tells
// how many it took and how many of them were closed without a byte.
const LISTENER = `
  Fill = fun Fill(P) -> case gen_tcp:connect({127,0,0,1}, P, [], 300) of {ok, S} -> [S | Fill(P)]; {error, timeout} -> [] end end,
  Take = fun Take(L, To) -> {ok, S} = gen_tcp:accept(L), To ! taken,
    H = spawn(fun() -> receive go -> {error, closed} = gen_tcp:recv(S, 0), To ! closed end end),
    gen_tcp:controlling_process(S, H), H ! go, Take(L, To) end,
  Count = fun Count(T, C) -> receive taken -> Count(T + 1, C); closed -> Count(T, C + 1); {count, P} -> P ! {T, C}, Count(T, C) end end,
  Main = self(),
  register(listener, spawn(fun() ->
    {ok, L} = gen_tcp:listen(0, [{backlog, 1}, {ip, {127,0,0,1}}, {active, false}]),
    {ok, P} = inet:port(L),
    Filled = Fill(P),
    Main ! {listens, P},
    receive take -> ok end,
    Self = self(),
    spawn_link(fun() -> Take(L, Self) end),
    Count(-length(Filled), 0)
  end)),
  receive {listens, Port} -> Port end`;
const COUNT = "listener ! {count, self()}, receive {T, C} -> {T, C} end";

describe.each(releases())("with OTP $otp", { timeout: 120_000 }, (release) => {
  const started = new AsyncDisposableStack();
  let erl: ErlNode;
  let worker: TestWorker;

  beforeAll(async () => {
    erl = started.use(await startErl({ release, cookie: COOKIE }));
    const portNo = Number(await erl.eval(LISTENER));
    worker = await startWorker({
      nodes: { [erl.name]: { portNo: erl.portNo }, ...Object.fromEntries(HANGING.map((name) => [name, { portNo }])) },
    });
    started.defer(() => worker.stop());
  });
  afterAll(() => started.disposeAsync());
  beforeEach(({ onTestFailed }) => onTestFailed(() => worker.harness.debug()));

  it("[W6] counts a dial until it has ended, since workerd goes on with one that was given up", async () => {
    const timeouts = await Promise.all(HANGING.map((name) => worker.ask(`/ping?node=${name}`)));
    for (const answer of timeouts) expect(answer).toMatchObject({ status: 504, body: { error: { code: "timeout" } } });
    await erl.eval("listener ! take");
    expect(await worker.ask(`/ping?node=${erl.name}`)).toMatchObject({ status: 200, body: { ping: "pong" } });
    // The seventh had to wait for one of the six, which opened, and was closed then, as they all are.
    expect(await erl.eval(COUNT)).not.toMatch(/^\{0,/);
    await expect.poll(() => erl.eval(COUNT)).toBe("{6,6}");
  });
});
