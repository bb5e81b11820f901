// The bridge in the Worker: programs with a WebSocket are nodes, by the page's own carrier, and know no cookie.
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { type ErlNode, freePortNo, releases, startErl } from "../../../test/support/otp.ts";
import { atom, equals, ErlangNode, type NodeOptions, tuple } from "../../core/src/index.ts";
import { bridge } from "../../core/src/transports/websocket.ts";
import { mintTicket, sessionSecret } from "../../bridge/src/policy/index.ts";
import { CALLER_KEY, COOKIE, NODE_NAME, startWorker, type TestWorker } from "./support/worker.ts";

interface Ticket {
  readonly path: string;
  readonly token: string;
  readonly secret?: string;
}

const ECHO = "register(echo, spawn(fun Echo() -> receive {P, M} -> P ! {echo, M} end, Echo() end))";

describe.each(releases())("with OTP $otp", { timeout: 120_000 }, (release) => {
  const started = new AsyncDisposableStack();
  let erl: ErlNode;
  let victim: ErlNode;
  let worker: TestWorker;

  beforeAll(async () => {
    erl = started.use(await startErl({ release, cookie: COOKIE }));
    victim = started.use(await startErl({ release, cookie: COOKIE }));
    await erl.eval(ECHO);
    const down = `down@127.0.0.1=${await freePortNo()}`;
    worker = await startWorker({
      nodes: [...[erl, victim].map(({ name, portNo }) => `${name}=${portNo}`), down].join(","),
      vars: { BRIDGE: JSON.stringify({ targets: { app: erl.name, victim: victim.name, down: "down@127.0.0.1" } }) },
    });
    started.defer(() => worker.stop());
  });
  afterAll(() => started.disposeAsync());
  beforeEach(({ onTestFailed }) => onTestFailed(() => worker.harness.debug()));

  async function ticketFor(target: string): Promise<Ticket> {
    const answer = await worker.ask("/ticket", { body: { target } });
    expect(answer).toMatchObject({ status: 200, body: { path: `/dist/${target}` } });
    return answer.body as unknown as Ticket;
  }

  async function page(
    { token, secret = "" }: Partial<Ticket>,
    target: string,
    options: Partial<NodeOptions> = {},
  ): Promise<ErlangNode> {
    const node = await ErlangNode.start({ cookie: secret, connect: bridge(worker.url, { target, token }), ...options });
    onTestFinished(() => node.stop());
    return node;
  }

  /** How the WebSocket ends that is opened there, and let be. */
  async function refusal(
    path: string,
    token: string,
    origin?: string,
  ): Promise<{ readonly code: number; readonly reason: string }> {
    const protocol = ["erldist.v1", `erldist.token.${Buffer.from(token).toString("base64url")}`].join(", ");
    const opened = await worker.harness.fetch(path, {
      headers: { upgrade: "websocket", "sec-websocket-protocol": protocol, ...(origin === undefined ? {} : { origin }) },
    });
    const socket = opened.webSocket;
    if (socket === null) throw new Error(`no WebSocket, but ${opened.status}`);
    socket.accept();
    return new Promise((resolve) => socket.addEventListener("close", ({ code, reason }) => resolve({ code, reason })));
  }

  it("makes a node of a page that has a ticket: pings, calls and large messages both ways", async () => {
    const ticket = await ticketFor("app");
    expect(ticket.secret).not.toContain(COOKIE);
    const node = await page(ticket, "app");
    expect(await node.connect(erl.name)).toMatchObject({ name: erl.name });
    // The node has named it.
    expect(node.name).toMatch(/^[0-9A-Z]+@web$/);
    expect(await node.ping(erl.name)).toBe(true);
    expect(await erl.eval(`net_adm:ping('${node.name}')`)).toBe("pong");
    expect(await node.erpc(erl.name, "erlang", "node", [])).toBe(atom(erl.name));
    node.expose("page", { double: (value) => Number(value) * 2 });
    expect(await erl.eval(`erpc:call('${node.name}', page, double, [21])`)).toBe("42");
    const self = node.spawn();
    const large = new Uint8Array(1_000_000).map((_, index) => index % 251);
    self.send({ name: "echo", node: erl.name }, tuple(self.pid, large));
    expect(equals(await self.receive(), tuple(atom("echo"), large))).toBe(true);
    await node.stop();
    await expect.poll(() => erl.eval("nodes(connected)")).toBe("[]");
    const [last] = worker.logs().filter((line) => line.includes('"bridge"'));
    expect(JSON.parse(last ?? "{}")).toMatchObject({ event: "bridge", target: "app", node: erl.name, subject: "the test" });
  });

  it("takes a ticket once, for its target, and with the secret that belongs to it", async () => {
    const ticket = await ticketFor("app");
    const first = await page(ticket, "app");
    await first.connect(erl.name);
    const again = await page(ticket, "app");
    await expect(again.connect(erl.name)).rejects.toMatchObject({ message: /used before/ });
    const elsewhere = await page(await ticketFor("app"), "victim");
    await expect(elsewhere.connect(victim.name)).rejects.toMatchObject({ message: /not for this target/ });
    const cookie = await page({ ...(await ticketFor("app")), secret: COOKIE }, "app");
    await expect(cookie.connect(erl.name)).rejects.toMatchObject({ message: /session's secret/ });
    const nothing = await page({}, "app", { cookie: COOKIE });
    await expect(nothing.connect(erl.name)).rejects.toMatchObject({ message: /token is missing/ });
    const unknown = await page(await ticketFor("app"), "other");
    await expect(unknown.connect("other@127.0.0.1")).rejects.toMatchObject({ message: /no target/ });
  });

  it("[W1] takes a ticket once also when the object was put away in between, and forgets it when it has expired", async () => {
    const ticket = await ticketFor("app");
    const first = await page(ticket, "app");
    await first.connect(erl.name);
    const down = new Promise((resolve) => first.addEventListener("nodedown", resolve));
    await worker.evict("app");
    await down;
    const again = await page(ticket, "app");
    await expect(again.connect(erl.name)).rejects.toMatchObject({ message: /used before/ });

    // For five seconds, the leeway that clocks are given.
    const key = await sessionSecret(CALLER_KEY, "bridge", NODE_NAME);
    const old = await mintTicket({ key, subject: "the test", target: "victim", audience: NODE_NAME, seconds: 0 });
    const last = await page(old, "victim");
    await last.connect(victim.name);
    const wake = async (): Promise<unknown> => (await worker.ask("/wake?target=victim")).body;
    await expect.poll(wake).toMatchObject({ tickets: 0, isSet: true });
    await last.stop();
    await expect.poll(wake).toEqual({ tickets: 0, isSet: false });
    expect((await worker.ask("/wake?target=app")).body).toMatchObject({ isSet: true });
  });

  it("lets nobody in while it cannot remember tickets, says so, and keeps no place for who was refused", async () => {
    const { token } = await ticketFor("app");
    await worker.harness.fetch("/break?target=app&is=true");
    // One more than a subject may have links.
    for (let count = 0; count < 11; count++) {
      expect(await refusal("/dist/app", token)).toEqual({
        code: 4500,
        reason: "the bridge cannot say whether the token was used before",
      });
    }
    const lines = worker.logs().filter((line) => line.includes("cannot be marked as used"));
    expect(lines).toHaveLength(11);
    expect(JSON.parse(lines[0] ?? "{}")).toMatchObject({ event: "bridge", target: "app", code: 4500 });
    await worker.harness.fetch("/break?target=app&is=false");
    const node = await page(await ticketFor("app"), "app");
    expect(await node.ping(erl.name)).toBe(true);
  });

  it("knows a used ticket and an unknown target however the path spells them", async () => {
    const ticket = await ticketFor("app");
    const first = await page(ticket, "app");
    await first.connect(erl.name);
    expect(await refusal("/dist/a%70p", ticket.token)).toMatchObject({ code: 4401, reason: /used before/ });
    for (const path of ["/dist/other", "/dist/", "/dist/%"]) {
      expect(await refusal(path, ticket.token)).toMatchObject({ code: path === "/dist/other" ? 4404 : 4400 });
    }
  });

  it("[A12] sends a page what it reads, and cuts off one that ticks and reads nothing, so that no process of the node waits", async () => {
    const ticket = await ticketFor("app");
    const sockets: WebSocket[] = [];
    class Noted extends WebSocket {
      constructor(url: string, protocols: string[]) {
        super(url, protocols);
        sockets.push(this);
      }
    }
    const connect = bridge(worker.url, { target: "app", token: ticket.token, WebSocket: Noted });
    const node = await page(ticket, "app", { connect });
    await node.connect(erl.name);
    const sink = node.spawn();
    sink.register("sink");
    // Without `noconnect` it would try to connect to a page that is gone.
    const send = (count: number): string => `register(sender, spawn(fun() ->
      [erlang:send({sink, '${node.name}'}, binary:copy(<<7>>, 100000), [noconnect]) || _ <- lists:seq(1, ${count})] end))`;
    await erl.eval(send(200));
    for (let count = 0; count < 200; count++) expect(await sink.receive()).toHaveLength(100_000);

    const [socket = expect.unreachable()] = sockets;
    socket.pause();
    const ticking = setInterval(() => socket.send(new Uint8Array(4)), 500);
    onTestFinished(() => clearInterval(ticking));
    await erl.eval(send(3_000));
    await expect.poll(() => erl.eval("process_info(whereis(sender), status)")).toBe("{status,suspended}");
    await expect.poll(() => erl.eval("{whereis(sender), nodes(connected)}"), { timeout: 60_000 }).toBe("{undefined,[]}");
    const ends = worker.logs().filter((line) => line.includes('"code":4408'));
    expect(ends.map((line) => JSON.parse(line) as object)).toMatchObject([{ event: "bridge", name: node.name }]);
    socket.resume();
  });

  it("ends pages that send much more than a node takes, and no other", async () => {
    const modest = await page(await ticketFor("victim"), "victim");
    await modest.connect(victim.name);
    const floods = [];
    for (let count = 0; count < 2; count++) floods.push(await page(await ticketFor("victim"), "victim"));
    await Promise.all(floods.map((node) => node.connect(victim.name)));
    process.kill(victim.pid, "SIGSTOP");
    onTestFinished(() => void process.kill(victim.pid, "SIGCONT"));
    const flood = async (node: ErlangNode): Promise<unknown> => {
      const { promise: down, resolve } = Promise.withResolvers<unknown>();
      node.addEventListener("nodedown", ({ error }) => resolve(error));
      while (node.nodes().length > 0) {
        node.send({ name: "nobody", node: victim.name }, new Uint8Array(60_000));
        await Promise.race([node.drained(victim.name), down]);
        await new Promise((resume) => setImmediate(resume));
      }
      return down;
    };
    const ends = Promise.all(floods.map(flood));
    modest.send({ name: "nobody", node: victim.name }, atom("hello"));
    const stuck = expect.objectContaining({ message: expect.stringContaining("code 4505") as string });
    expect(await ends).toEqual([stuck, stuck]);
    process.kill(victim.pid, "SIGCONT");
    expect(await modest.ping(victim.name)).toBe(true);
    const lines = worker.logs().filter((line) => line.includes('"code":4505'));
    expect(lines).toHaveLength(2);
  });

  it("says that a node is down, and that one has ended", async () => {
    const node = await page(await ticketFor("down"), "down");
    await expect(node.connect("down@127.0.0.1")).rejects.toMatchObject({ code: "refused" });
    const linked = await page(await ticketFor("victim"), "victim");
    await linked.connect(victim.name);
    const down = new Promise((resolve) => linked.addEventListener("nodedown", ({ peer }) => resolve(peer)));
    await victim.kill();
    expect(await down).toBe(victim.name);
  });

  it("lets in no page of another origin, and nothing but a WebSocket", async () => {
    const { token } = await ticketFor("app");
    expect(await refusal("/dist/app", token, "https://evil.example")).toMatchObject({ code: 4403, reason: /origin/ });
    expect(await worker.ask("/dist/app")).toMatchObject({ status: 426, body: { error: { code: "upgrade_required" } } });
  });

  it("gives no ticket for what is no target, and none is a caller's token", async () => {
    for (const target of ["other", "constructor", 1, undefined]) {
      expect(await worker.ask("/ticket", { body: { target } })).toMatchObject({
        status: 403,
        body: { error: { code: "not_allowed" } },
      });
    }
    expect(await worker.ask("/ticket", { body: { target: "app" }, token: undefined })).toMatchObject({ status: 401 });
    const { token } = await ticketFor("app");
    expect(await worker.ask("/nodes", { token })).toMatchObject({ status: 401, body: { error: { code: "bad_token" } } });
  });

  it("gates the handshake of pages that know the cookie, and names them from a pool", async () => {
    const names = { type: "pool", names: ["page1@web"] };
    const gated = await startWorker({
      nodes: `${erl.name}=${erl.portNo}`,
      vars: { BRIDGE: JSON.stringify({ level: "gated", targets: { app: erl.name }, names }) },
    });
    onTestFinished(() => gated.stop());
    const connect = async (cookie: string): Promise<ErlangNode> => {
      const { body } = await gated.ask("/ticket", { body: { target: "app" } });
      expect(body).not.toHaveProperty("secret");
      const token = String(body["token"]);
      const node = await ErlangNode.start({ cookie, connect: bridge(gated.url, { target: "app", token }) });
      onTestFinished(() => node.stop());
      await node.connect(erl.name);
      return node;
    };
    const first = await connect(COOKIE);
    expect(first.name).toBe("page1@web");
    expect(await erl.eval("net_adm:ping('page1@web')")).toBe("pong");
    await expect(connect(COOKIE)).rejects.toMatchObject({ message: /too many/ });
    await first.stop();
    await expect.poll(() => erl.eval("nodes(connected)")).toBe("[]");
    await expect(connect("another")).rejects.toMatchObject({ code: "wrong_cookie" });
  });
});
