// The Worker in workerd, against real Erlang nodes: what callers can do, by HTTP and from another Worker.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type ErlNode, releases, startErl } from "../../../test/support/otp.ts";
import { COOKIE, NODE_NAME, startWorker, type TestWorker } from "./support/worker.ts";

const ALLOW = {
  erpc: [
    "lists:reverse/1",
    "erlang:error/1",
    "erlang:exit/1",
    "no_such:*",
    "timer:sleep/1",
    "erpc:call/4",
    "net_adm:ping/1",
    "gen_server:call/2",
  ],
  call: ["echo", "nobody", "stopper"],
  cast: ["echo"],
  send: ["echo", "<pid>"],
  monitor: ["echo", "victim"],
  subscribe: ["inbox"],
  atoms: ["hello", "worker", "edge", "double", "fail", "counter", "sender"],
};

// A gen_server in one line: answers calls with {echo, Request}, and keeps what is cast or sent; `sender` sends to whom it is told.
const SERVERS = `
  register(echo, spawn(fun Echo() -> receive
    {'$gen_call', {P, T}, last} -> P ! {T, get(last)};
    {'$gen_call', {P, T}, R} -> P ! {T, {echo, R}};
    {'$gen_cast', M} -> put(last, {cast, M});
    {to, Whom, M} -> Whom ! M;
    M -> put(last, {sent, M})
  end, Echo() end)),
  register(stopper, spawn(fun() -> receive {'$gen_call', _, _} -> exit(crashed) end end))`;

describe.each(releases())("with OTP $otp", { timeout: 120_000 }, (release) => {
  const started = new AsyncDisposableStack();
  let erl: ErlNode;
  let worker: TestWorker;
  let node: string;

  beforeAll(async () => {
    erl = started.use(await startErl({ release, cookie: COOKIE }));
    node = erl.name;
    await erl.eval(SERVERS);
    worker = await startWorker({ nodes: `${node}=${erl.portNo}`, allow: ALLOW, others: ["client"] });
    started.defer(() => worker.stop());
  });
  afterAll(() => started.disposeAsync());
  beforeEach(({ onTestFailed }) => onTestFailed(() => worker.harness.debug()));

  const to = (name: string): { node: string; name: string } => ({ node, name });

  /** That a client has gone shows when something is written to it. */
  async function nobodySubscribes(): Promise<void> {
    const subscriptions = async (): Promise<unknown> => {
      await erl.eval(`{inbox, '${NODE_NAME}'} ! anybody_there`);
      return (await worker.ask("/nodes")).body["subscriptions"];
    };
    await expect.poll(subscriptions).toBe(0);
  }

  it("says what it can do to everybody, and the rest to who has a token", async () => {
    const { status, body } = await worker.ask("/", { token: undefined });
    expect(status).toBe(200);
    expect(Object.keys(body["routes"] as object)).toContain("POST /erpc");
  });

  it("connects to the node, pings it, and is pinged", async () => {
    expect(await worker.ask(`/ping?node=${node}`)).toMatchObject({
      status: 200,
      body: { node: NODE_NAME, peer: { name: node }, ping: "pong" },
    });
    expect(await erl.eval(`net_adm:ping('${NODE_NAME}')`)).toBe("pong");
    expect(await erl.eval("nodes(hidden)")).toBe(`['${NODE_NAME}']`);
    expect(await worker.ask("/nodes")).toMatchObject({
      status: 200,
      body: { node: NODE_NAME, nodes: [{ name: node, state: "up", failures: 0 }] },
    });
  });

  it("calls functions there, and has functions that are called from there", async () => {
    expect(await worker.result("/erpc", { node, module: "lists", function: "reverse", args: [[1, "a", null]] })).toEqual([
      null,
      "a",
      1,
    ]);
    expect(await erl.eval(`erpc:call('${NODE_NAME}', edge, double, [21])`)).toBe("42");
    expect(await erl.eval(`rpc:call('${NODE_NAME}', edge, double, [21])`)).toBe("42");
    expect(
      await erl.eval(`try erpc:call('${NODE_NAME}', edge, fail, []) catch error:{exception, {js_error, _, M}, _} -> M end`),
    ).toBe('<<"as asked">>');
    expect(await erl.eval(`try erpc:call('${NODE_NAME}', os, cmd, ["id"]) catch error:{exception, undef, _} -> no end`)).toBe(
      "no",
    );
    expect(await erl.eval(`gen_server:call({counter, '${NODE_NAME}'}, hello)`)).toBe("counted");
  });

  it("calls a gen_server, casts and sends to it", async () => {
    const request = { $tuple: [{ $atom: "hello" }, 2, { $float: "1.0" }, "grüß", { key: [true, { $atom: "undefined" }] }] };
    expect(await worker.result("/call", { ...to("echo"), request })).toEqual({ $tuple: [{ $atom: "echo" }, request] });
    const last = { ...to("echo"), request: { $atom: "last" } };
    await erl.eval("ok");
    expect(await worker.ask("/cast", { body: { ...to("echo"), request: 1 } })).toMatchObject({ status: 202 });
    expect(await worker.ask("/call", { body: last })).toMatchObject({ status: 403 });
    expect(await erl.eval("gen_server:call(echo, last)")).toBe("{cast,1}");
    expect(await worker.ask("/send", { body: { ...to("echo"), message: [2] } })).toMatchObject({ status: 202 });
    await worker.result("/call", { ...to("echo"), request: 0 });
    expect(await erl.eval("gen_server:call(echo, last)")).toBe("{sent,[2]}");
  });

  it("streams messages to a client: to its pid, to a shared name, and the end of a monitored process", async () => {
    await erl.eval("register(victim, spawn(fun() -> receive stop -> exit(enough) end end))");
    const mine = await worker.events("/subscribe", { nodes: [node], name: "inbox", monitor: [to("victim")] });
    const other = await worker.events(`/subscribe?node=${node}&name=inbox`);
    const first = await mine.next();
    expect(first).toMatchObject({ type: "subscribed", node: NODE_NAME });
    expect(await other.next()).toMatchObject({ type: "subscribed" });

    await erl.eval(`{inbox, '${NODE_NAME}'} ! {hello, 1}`);
    const shared = { type: "message", to: "inbox", message: { $tuple: [{ $atom: "hello" }, 1] } };
    expect([await mine.next(), await other.next()]).toEqual([shared, shared]);

    // The node learns the pid from a message, and answers to it.
    const message = { $tuple: [{ $atom: "to" }, first["pid"], "for you"] };
    expect(await worker.ask("/send", { body: { ...to("echo"), message } })).toMatchObject({ status: 403 });
    await erl.eval(`{inbox, '${NODE_NAME}'} ! last`);
    expect([await mine.next(), await other.next()]).toMatchObject([{ message: { $atom: "last" } }, {}]);

    await erl.eval("victim ! stop");
    const down = (await mine.next())["message"] as { $tuple: unknown[] };
    expect([down.$tuple[0], down.$tuple[4]]).toEqual([{ $atom: "DOWN" }, { $atom: "enough" }]);
    await mine.close();
    await other.close();
    await nobodySubscribes();
  });

  it("ends a subscriber that leaves too much unread, and reads on from the node", async () => {
    const events = await worker.events(`/subscribe?node=${node}&name=inbox`);
    expect(await events.next()).toMatchObject({ type: "subscribed" });
    // Tens of megabytes, since the streams between here and the object hold some.
    await erl.eval(`lists:foreach(fun(_) -> {inbox, '${NODE_NAME}'} ! binary:copy(<<"x">>, 100000) end, lists:seq(1, 150))`);
    await expect.poll(async () => (await worker.ask("/nodes")).body["subscriptions"]).toBe(0);
    expect(await erl.eval(`net_adm:ping('${NODE_NAME}')`)).toBe("pong");
    let last: Readonly<Record<string, unknown>> = {};
    while (last["type"] !== "end") last = await events.next();
    expect(last).toMatchObject({ code: "overloaded" });
    await events.close();
  });

  it("is called by another Worker, which gets the same results, events and errors", async () => {
    expect(await worker.rpc("ping", node)).toMatchObject({ result: { ping: "pong" } });
    expect(await worker.rpc("call", { ...to("echo"), request: [1] })).toEqual({ result: { $tuple: [{ $atom: "echo" }, [1]] } });
    expect(await worker.rpc("cast", { ...to("echo"), request: 3 })).toEqual({ result: null });
    expect(await worker.rpc("send", { ...to("echo"), message: 4 })).toEqual({ result: null });
    expect(await worker.rpc("erpc", { node, module: "lists", function: "reverse", args: [[1, 2]] })).toEqual({ result: [2, 1] });
    const events = worker.rpc("firstEvents", { nodes: [node], name: "inbox" }, 2);
    await expect.poll(async () => (await worker.ask("/nodes")).body["subscriptions"]).toBe(1);
    await erl.eval(`{inbox, '${NODE_NAME}'} ! hello`);
    expect(await events).toMatchObject({ result: [{ type: "subscribed" }, { type: "message", message: { $atom: "hello" } }] });
    await nobodySubscribes();
    const refused = { node, module: "os", function: "cmd", args: ["id"] };
    expect(await worker.rpc("erpc", refused)).toEqual({
      error: {
        name: "CallError",
        code: "not_allowed",
        status: 403,
        retryable: false,
        message: "ALLOW.erpc has no rule for os:cmd/1",
      },
    });
    const failing = { node, module: "erlang", function: "error", args: [{ $atom: "hello" }] };
    expect(await worker.rpc("erpc", failing)).toMatchObject({
      error: { name: "CallError", code: "exception", exception: { class: "error", reason: { $atom: "hello" } } },
    });
  });

  it.each([
    ["an error", "error", "hello", { status: 500, code: "exception", exception: { class: "error", reason: { $atom: "hello" } } }],
    ["an exit", "exit", "hello", { status: 500, code: "exit", exception: { class: "exit", reason: { $atom: "hello" } } }],
  ])("tells of %s there", async (_, name, reason, { status, ...error }) => {
    const body = { node, module: "erlang", function: name, args: [{ $atom: reason }] };
    expect(await worker.ask("/erpc", { body })).toMatchObject({ status, body: { error } });
  });

  it.each([
    ["a function that is not there", "/erpc", { module: "no_such", function: "thing", args: [] }, 404, "undef"],
    [
      "a function that takes too long",
      "/erpc",
      { module: "timer", function: "sleep", args: [5000], timeoutMs: 50 },
      504,
      "timeout",
    ],
    ["a server that is not there", "/call", { name: "nobody", request: 1 }, 404, "noproc"],
    ["a server that exits", "/call", { name: "stopper", request: 1 }, 500, "exit"],
    ["a function that is not allowed", "/erpc", { module: "os", function: "cmd", args: ["id"] }, 403, "not_allowed"],
    ["another arity of one that is", "/erpc", { module: "lists", function: "reverse", args: [[], []] }, 403, "not_allowed"],
    ["a name that is not allowed", "/call", { name: "init", request: 1 }, 403, "not_allowed"],
    ["a cast that is not allowed", "/cast", { name: "stopper", request: 1 }, 403, "not_allowed"],
    ["a message that is not allowed", "/send", { name: "init", message: 1 }, 403, "not_allowed"],
    ["an atom that is not allowed", "/call", { name: "echo", request: [{ $atom: "fresh" }] }, 403, "atom_not_allowed"],
    ["a term that is none", "/call", { name: "echo", request: { $atom: 1 } }, 400, "bad_term"],
    ["a field that is none", "/call", { name: "echo", request: 1, more: 1 }, 400, "bad_request"],
    ["no name", "/call", { request: 1 }, 400, "bad_request"],
    ["no arguments", "/erpc", { module: "lists", function: "reverse" }, 400, "bad_request"],
    ["a timeout that is none", "/call", { name: "echo", request: 1, timeoutMs: "soon" }, 400, "bad_request"],
  ])("answers %s by name", async (_, path, body, status, code) => {
    const answer = await worker.ask(path, { body: { node, ...body } });
    expect(answer).toMatchObject({ status, body: { error: { code, message: expect.stringMatching(/./) as string } } });
  });

  it("[W5] serves twenty calls at once over one link, and none gets another's answer", async () => {
    await worker.evict();
    worker.harness.clearLogs();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_unused, index) => worker.ask("/call", { body: { ...to("echo"), request: index } })),
    );
    expect(answers.map(({ body }) => body["result"])).toEqual(
      Array.from({ length: 20 }, (_unused, index) => ({ $tuple: [{ $atom: "echo" }, index] })),
    );
    // One link, and nothing else to tell.
    expect(worker.logs().map((line) => (JSON.parse(line) as { event: string }).event)).toEqual(["start", "nodeup"]);
  });

  it("[W5] leaves nothing behind a thousand calls, on neither side", async () => {
    const processes = async (): Promise<number> => Number(await erl.eval("length(processes())"));
    const request = [1, 2, 3];
    const calls = [
      ["call", { ...to("echo"), request }],
      ["erpc", { node, module: "lists", function: "reverse", args: [request] }],
    ];
    const expected = { result: [{ $tuple: [{ $atom: "echo" }, request] }, [3, 2, 1]] };
    // The link is up, and has a process there.
    expect(await worker.rpc("times", 1, calls)).toEqual(expected);
    const before = await processes();
    for (let count = 0; count < 10; count++) expect(await worker.rpc("times", 50, calls)).toEqual(expected);
    await expect.poll(processes).toBeLessThanOrEqual(before);
    expect(await erl.eval("{nodes(connected), process_info(whereis(echo), [links, monitors, monitored_by])}")).toBe(
      `{['${NODE_NAME}'],[{links,[]},{monitors,[]},{monitored_by,[]}]}`,
    );
    expect(await worker.ask("/nodes")).toMatchObject({
      body: { counts: { processes: 3, monitors: 0, aliases: 0, spawnRequests: 0 } },
    });
  });
});
