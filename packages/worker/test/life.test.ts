// What becomes of the object's links when the object, the node or the code goes away, and who may connect to whom.
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { type Epmd, type ErlNode, freePortNo, releases, startEpmd, startErl } from "../../../test/support/otp.ts";
import { ErlangNode } from "../../core/src/index.ts";
import { register } from "../../core/src/epmd/index.ts";
import { connectTcp, tcp } from "../../core/src/transports/nodejs.ts";
import { type Answer, COOKIE, NODE_NAME, startWorker, type TestWorker } from "./support/worker.ts";

// The object wakes each second here, so that a link that nobody uses is given up soon.
const VARS = { KEEP_ALIVE_SECONDS: "1", IDLE_SECONDS: "2" };
const ALLOW = { erpc: ["timer:sleep/1"], call: ["echo"], monitor: ["echo"], subscribe: ["inbox"] };
const FAR_AWAY = Array.from({ length: 10 }, (_, index) => `far${index}@127.0.0.1`);

// Answers calls with the creation in the caller's pid.
const SERVER = `register(echo, spawn(fun Echo() -> receive {'$gen_call', {P, T}, _} ->
  <<Creation:32>> = binary:part(term_to_binary(P), {byte_size(term_to_binary(P)), -4}), P ! {T, Creation} end, Echo() end))`;

describe.each(releases())("with OTP $otp", { timeout: 120_000 }, (release) => {
  const started = new AsyncDisposableStack();
  let epmd: Epmd;
  /** Always linked. */
  let kept: ErlNode;
  /** Linked when somebody calls. */
  let called: ErlNode;
  let silent: SilentServer;
  let worker: TestWorker;

  const startKept = (portNo?: number): Promise<ErlNode> =>
    startErl({ release, epmd, alive: `kept${release.otp}`, cookie: COOKIE, ...(portNo === undefined ? {} : { portNo }) });

  beforeAll(async () => {
    epmd = await startEpmd();
    started.defer(() => epmd.stop());
    kept = await startKept();
    started.defer(() => kept[Symbol.asyncDispose]());
    called = started.use(await startErl({ release, epmd, cookie: COOKIE }));
    for (const erl of [kept, called]) await erl.eval(SERVER);
    silent = started.use(await startSilentServer());
    const listenPortNo = await freePortNo();
    // As the Worker's listener has no EPMD, somebody else tells the port.
    const registration = await register(await connectTcp("127.0.0.1", epmd.portNo, { peer: NODE_NAME }), {
      name: "worker",
      portNo: listenPortNo,
    });
    started.defer(() => registration.close());
    worker = await startWorker({
      nodes: {
        [kept.name]: { portNo: kept.portNo, alwaysOn: true },
        [called.name]: { portNo: called.portNo },
        ...Object.fromEntries(FAR_AWAY.map((name) => [name, {}])),
      },
      allow: ALLOW,
      vars: { ...VARS, ERL_EPMD_PORT: String(silent.portNo) },
      listenPortNo,
    });
    started.defer(() => worker.stop());
  });
  afterAll(() => started.disposeAsync());
  beforeEach(({ onTestFailed }) => onTestFailed(() => worker.harness.debug()));
  afterEach(() => worker.harness.clearLogs());

  /** Whether the node is connected to the Worker; asks the node, since asking the Worker would wake it. */
  const isLinked = async (erl: ErlNode): Promise<boolean> => (await erl.eval("nodes(connected)")).includes(NODE_NAME);
  const creationAt = async (erl: ErlNode): Promise<number> =>
    Number(await worker.result("/call", { node: erl.name, name: "echo", request: 0 }));

  /** A call that the node has begun, and takes its time with. */
  async function callUnderWay(erl: ErlNode): Promise<{ readonly answer: Promise<Answer> }> {
    return underWay(erl, (body) => worker.ask("/erpc", { body }));
  }

  async function underWay<T>(erl: ErlNode, call: (body: object) => Promise<T>): Promise<{ readonly answer: Promise<T> }> {
    const sleepers = "[P || P <- processes(), {current_function, {timer, sleep, 1}} <- [process_info(P, current_function)]]";
    // Those of calls whose caller has gone sleep on.
    await erl.eval(`[exit(P, kill) || P <- ${sleepers}]`);
    await expect.poll(() => erl.eval(sleepers)).toBe("[]");
    const answer = call({ node: erl.name, module: "timer", function: "sleep", args: [20_000], timeoutMs: 20_000 });
    await expect.poll(() => erl.eval(`length(${sleepers})`)).toBe("1");
    return { answer };
  }

  it("[W1] dials again what it wants after it was put away, woken by its alarm alone", async () => {
    await worker.ask(`/ping?node=${kept.name}`);
    const before = await worker.creation();
    await kept.eval("net_kernel:monitor_nodes(true, [{node_type, all}])");
    await worker.evict();
    const seen = "fun Next() -> receive {Event, N, _} -> {Event, N} after 20000 -> none end end";
    expect(await kept.eval(`(${seen})()`)).toBe(`{nodedown,'${NODE_NAME}'}`);
    expect(await kept.eval(`(${seen})()`)).toBe(`{nodeup,'${NODE_NAME}'}`);
    await kept.eval("net_kernel:monitor_nodes(false, [{node_type, all}])");
    expect(await worker.creation()).toBe(before + 1);
  });

  it("[W4] has a greater creation with each life, which is also what nodes see", async () => {
    const seen: number[] = [];
    for (let life = 0; life < 3; life++) {
      const own = await creationAt(called);
      expect(await worker.creation()).toBe(own);
      seen.push(own);
      await worker.evict();
    }
    expect(seen).toEqual([seen[0], Number(seen[0]) + 1, Number(seen[0]) + 2]);
  });

  it("gives up a link that nobody uses, and keeps the one that is always on", async () => {
    await creationAt(called);
    expect(await isLinked(called)).toBe(true);
    await expect.poll(() => isLinked(called)).toBe(false);
    await expect.poll(() => isLinked(kept)).toBe(true);
    expect((await worker.ask("/nodes")).body["nodes"]).toMatchObject([
      { state: "up", alwaysOn: true },
      { state: "down" },
      ...FAR_AWAY.map(() => ({})),
    ]);
  });

  it("tells a subscriber of a node's end and of its return, and dials it again by itself", async () => {
    const monitor = [{ node: kept.name, name: "echo" }];
    const events = await worker.events("/subscribe", { nodes: [kept.name], name: "inbox", monitor });
    expect(await events.next()).toMatchObject({ type: "subscribed" });
    const { answer } = await callUnderWay(kept);

    await kept.kill();
    expect(await answer).toMatchObject({ status: 503, body: { error: { code: "noconnection", retryable: true } } });
    const ends = [await events.next(), await events.next()];
    const noconnection = { $tuple: [{ $atom: "DOWN" }, {}, { $atom: "process" }, {}, { $atom: "noconnection" }] };
    expect(ends.toSorted((a, b) => String(a["type"]).localeCompare(String(b["type"])))).toMatchObject([
      { type: "message", message: noconnection },
      { type: "nodedown", node: kept.name },
    ]);

    kept = await startKept(kept.portNo);
    await kept.eval(SERVER);
    expect(await events.next()).toEqual({ type: "nodeup", node: kept.name });
    await kept.eval(`{inbox, '${NODE_NAME}'} ! back`);
    expect(await events.next()).toEqual({ type: "message", to: "inbox", message: { $atom: "back" } });
    await events.close();
  });

  it("[W3] tells a caller whose call was under way when the object went that it may try again", async () => {
    const before = await creationAt(called);
    const { answer } = await callUnderWay(called);
    await worker.evict();
    expect(await answer).toMatchObject({ status: 503, body: { error: { code: "object_reset", retryable: true } } });
    expect(await creationAt(called)).toBe(before + 1);
  });

  it("[W3] tells another Worker the same by RPC", async () => {
    const bound = await startWorker({
      nodes: { [called.name]: { portNo: called.portNo } },
      allow: ALLOW,
      vars: { NODE_NAME: "bound@127.0.0.1" },
      others: ["client"],
    });
    onTestFinished(() => bound.stop());
    const { answer } = await underWay(called, (body) => bound.rpc("erpc", body));
    await bound.evict();
    expect(await answer).toMatchObject({ error: { name: "CallError", code: "object_reset", status: 503, retryable: true } });
  });

  it("[W3] ends a call that is under way when its code is replaced, and is the same node with the new code", async () => {
    const before = await creationAt(called);
    const { answer } = await callUnderWay(called);
    // The harness replaces the whole process, what stands before the object included. So here it is wrangler that tells the caller to
    // try again; what the Worker says when only the object goes is shown above.
    await worker.replaceCode("test/worker/next.ts");
    expect((await answer).status).toBe(503);
    expect(await creationAt(called)).toBe(before + 1);
    await expect.poll(() => isLinked(kept)).toBe(true);
    expect(await called.eval(`erpc:call('${NODE_NAME}', version, get, [])`)).toBe("next");
  });

  it("takes over a connection that a node still has to an earlier instance", async () => {
    await expect.poll(() => isLinked(called)).toBe(false);
    const earlier = await ErlangNode.start({ name: NODE_NAME, cookie: COOKIE, connect: tcp({ portNo: called.portNo }) });
    await earlier.connect(called.name);
    const down = once(earlier, "nodedown");
    // The node says `alive`, and hears `true`.
    const creation = await creationAt(called);
    await down;
    expect(creation).not.toBe(earlier.creation);
    expect(await called.eval("nodes(hidden)")).toBe(`['${NODE_NAME}']`);
    await earlier.stop();
  });

  it("[W7] is dialled by a node, and serves it over that link in both directions", async () => {
    await called.eval(`erlang:disconnect_node('${NODE_NAME}')`);
    expect(await called.eval(`net_adm:ping('${NODE_NAME}')`)).toBe("pong");
    expect(await called.eval(`erpc:call('${NODE_NAME}', edge, double, [4])`)).toBe("8");
    expect(await creationAt(called)).toBe(await worker.creation());
    expect(await called.eval("nodes(hidden)")).toBe(`['${NODE_NAME}']`);
  });

  it("[W7] turns away a node that NODES does not name, and one with another cookie", async () => {
    await using other = await startErl({ release, epmd, cookie: COOKIE });
    expect(await other.eval(`net_adm:ping('${NODE_NAME}')`)).toBe("pang");
    await called.eval(`erlang:disconnect_node('${NODE_NAME}'), erlang:set_cookie('${NODE_NAME}', wrong)`);
    expect(await called.eval(`net_adm:ping('${NODE_NAME}')`)).toBe("pang");
    await called.eval(`erlang:set_cookie('${NODE_NAME}', '${COOKIE}')`);
    const refused = worker.logs().filter((line) => line.includes('"refused"'));
    expect(refused.map((line) => (JSON.parse(line) as { peer: string }).peer)).toEqual([other.name, called.name]);
  });

  it("[W2] ends with one link when both dial at once", async () => {
    for (let round = 0; round < 5; round++) {
      await called.eval(`erlang:disconnect_node('${NODE_NAME}')`);
      await expect
        .poll(async () => (await worker.ask("/nodes")).body["nodes"])
        .toMatchObject([{}, { state: "down" }, ...FAR_AWAY.map(() => ({}))]);
      const [pong, answer] = await Promise.all([
        called.eval(`net_adm:ping('${NODE_NAME}')`),
        worker.ask("/call", { body: { node: called.name, name: "echo", request: 0 } }),
      ]);
      expect([pong, answer.body]).toEqual(["pong", { result: expect.any(Number) as number }]);
      expect(await called.eval("nodes(hidden)")).toBe(`['${NODE_NAME}']`);
    }
  });

  it("[W6] dials six nodes at once and no more, and the others after them", async () => {
    const pings = FAR_AWAY.map((name) => worker.ask(`/ping?node=${name}`));
    await expect.poll(() => silent.open).toBe(6);
    // One after the other is let go, until nobody waits any more.
    const letGo = setInterval(() => silent.close(), 20);
    const answers = await Promise.all(pings);
    clearInterval(letGo);
    for (const answer of answers) expect(answer).toMatchObject({ status: 502, body: { error: { code: "epmd_unreachable" } } });
    expect([silent.most, silent.total]).toEqual([6, 10]);
  });
});

interface SilentServer extends AsyncDisposable {
  readonly portNo: number;
  /** Connections that it has not closed: now, at most, and ever. */
  readonly open: number;
  readonly most: number;
  readonly total: number;
  /** Closes the oldest. */
  close(): void;
}

/** Takes connections and says nothing, as an EPMD that hangs. */
async function startSilentServer(): Promise<SilentServer> {
  const sockets = new Set<Socket>();
  let [most, total] = [0, 0];
  const server = createServer((socket) => {
    sockets.add(socket);
    most = Math.max(most, sockets.size);
    total += 1;
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
    socket.resume();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no TCP address");
  return {
    portNo: address.port,
    get open() {
      return sockets.size;
    },
    get most() {
      return most;
    },
    get total() {
      return total;
    },
    close() {
      const [oldest] = sockets;
      if (oldest === undefined) return;
      // At once: "close" comes in a later turn, and the other side may have dialled again by then.
      sockets.delete(oldest);
      oldest.destroy();
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
