// Dials that do not come to a link: one is cut short as soon as our name was heard; others hang, since the packets that ask for a
// connection get no answer, as at an address behind a firewall.
import { on, once } from "node:events";
import { createServer, type Socket } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type ErlNode, freePortNo, releases, startErl } from "../../../test/support/otp.ts";
import { COOKIE, startWorker, type TestWorker } from "./support/worker.ts";

const LISTENER_NAME = "listener@127.0.0.1";
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
  let listenerPortNo: number;
  let worker: TestWorker;

  beforeAll(async () => {
    erl = started.use(await startErl({ release, cookie: COOKIE }));
    const portNo = Number(await erl.eval(LISTENER));
    listenerPortNo = await freePortNo();
    worker = await startWorker({
      nodes: {
        [erl.name]: { portNo: erl.portNo },
        [LISTENER_NAME]: { portNo: listenerPortNo },
        ...Object.fromEntries(HANGING.map((name) => [name, { portNo }])),
      },
    });
    started.defer(() => worker.stop());
  });
  afterAll(() => started.disposeAsync());
  beforeEach(({ onTestFailed }) => onTestFailed(() => worker.harness.debug()));

  it("[W4] has its creation written down when a node first hears it", async () => {
    const server = createServer();
    await once(server.listen(listenerPortNo, "127.0.0.1"), "listening");
    const heard: number[] = [];
    try {
      const connections = on(server, "connection") as AsyncIterableIterator<[Socket]>;
      for (let life = 0; life < 3; life++) {
        const answer = worker.ask(`/ping?node=${LISTENER_NAME}`);
        const [socket] = (await connections.next()).value as [Socket];
        // erl_dist_protocol, "send_name": a length of 2 bytes, "N", flags of 8, the creation of 4.
        const [name] = (await once(socket, "data")) as [Buffer];
        heard.push(name.readUInt32BE(11));
        await worker.evict();
        expect(await answer).toMatchObject({ status: 503, body: { error: { code: "object_reset" } } });
        socket.destroy();
      }
    } finally {
      server.close();
    }
    const [first = 0] = heard;
    expect(heard).toEqual([first, first + 1, first + 2]);
  });

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
