// Nodes that run with -proto_dist inet_tls: the bridge speaks TLS to them, checks their certificate and shows its own.
import { ErlangNode } from "@erl-dist/core";
import { bridge } from "@erl-dist/core/transports/websocket";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type ErlNode, releases, startErl } from "../../../test/support/otp.ts";
import { watchedWire } from "../../../test/support/watched-wire.ts";
import { throwAwayAuthority } from "../../core/test/support/certificate.ts";
import type { Target } from "../src/index.ts";
import { startBridge } from "./support/bridge.ts";
import { inetTls } from "./support/inet-tls.ts";
import { keptSockets } from "./support/kept-sockets.ts";

const { ca, issue } = throwAwayAuthority();
const stranger = throwAwayAuthority();
const ours = issue();
const theirs = issue();

describe.each(releases())("with OTP $otp", (release) => {
  const placed = new AsyncDisposableStack();
  let erl: ErlNode;
  beforeAll(async () => {
    const { args } = placed.use(inetTls(release, { ca, ...theirs }));
    erl = placed.use(await startErl({ release, args }));
  });
  afterAll(() => placed.disposeAsync());

  async function connect(tls: Target["tls"]) {
    const { url, record } = await startBridge({ targets: { app: { node: erl.name, portNo: erl.portNo, tls } } });
    const node = await ErlangNode.start({ name: "page@browser", cookie: erl.cookie, connect: bridge(url, { target: "app" }) });
    onTestFinished(() => node.stop());
    return { node, record };
  }

  it("takes a page to the node, and the node to the page", async () => {
    const { node, record } = await connect({ ca, ...ours });
    expect(await node.ping(erl.name)).toBe(true);
    expect(await erl.eval("net_adm:ping('page@browser')")).toBe("pong");
    await node.stop();
    expect(await record()).toMatchObject({ by: "page", code: 1000 });
  });

  it.each([
    ["the node's certificate is by nobody we know", { ...ours }],
    ["the node's certificate is for another host", { ca, ...ours, servername: "other.example" }],
    ["the node does not take our certificate", { ca, ...stranger.issue() }],
    ["we have no certificate", { ca }],
  ])("4517: %s", async (_, tls) => {
    const { node, record } = await connect(tls);
    await expect(node.connect(erl.name)).rejects.toMatchObject({ code: "tls_failed", message: /do not agree on TLS/ });
    expect(await record()).toMatchObject({ code: 4517 });
  });

  it("resets the connection under TLS where it drops a page: the node sees the end at once", async () => {
    const wire = await watchedWire(erl.portNo);
    const targets = { app: { node: erl.name, portNo: wire.portNo, tls: { ca, ...ours } } };
    const limits = { pingTimeMs: 200, pongTimeMs: 200, closeTimeMs: 60_000 };
    const { url, record } = await startBridge({ targets, limits });
    const { sockets, connect } = keptSockets(url, { target: "app" });
    const node = await ErlangNode.start({ name: "silent@browser", cookie: erl.cookie, connect });
    onTestFinished(() => node.stop());
    await node.connect(erl.name);
    await erl.eval("monitor_node('silent@browser', true)");
    for (const socket of sockets) {
      onTestFinished(() => socket.terminate());
      socket.pause();
    }
    expect(await wire.dialerEnd).toBe("ECONNRESET");
    expect(await erl.eval("receive {nodedown, Node} -> Node end")).toBe("silent@browser");
    for (const socket of sockets) socket.terminate();
    expect(await record()).toMatchObject({ by: "bridge", code: 4411 });
  });

  it("4517, or 4504 where it just waits: the node speaks no TLS", async () => {
    await using plain = await startErl({ release });
    const { url, record } = await startBridge({
      targets: { plain: { node: plain.name, portNo: plain.portNo, tls: { ca } } },
      limits: { dialTimeMs: 500 },
    });
    const node = await ErlangNode.start({
      name: "page@browser",
      cookie: plain.cookie,
      connect: bridge(url, { target: "plain" }),
    });
    onTestFinished(() => node.stop());
    await expect(node.connect(plain.name)).rejects.toMatchObject({ name: "ConnectionError" });
    expect([4504, 4517]).toContain((await record()).code);
  });
});
