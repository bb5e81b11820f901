// Distribution over TLS (`-proto_dist inet_tls`) with real nodes: both sides show a certificate of one throw-away authority.
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import {
  type Epmd,
  type ErlNode,
  placeFiles,
  type Release,
  releases,
  startEpmd,
  startErl,
} from "../../../../test/support/otp.ts";
import { watchedWire } from "../../../../test/support/watched-wire.ts";
import { throwAwayAuthority } from "../../test/support/certificate.ts";
import { atom, tuple } from "../etf/index.ts";
import type { ByteStream, Connector } from "../transports/byte-stream.ts";
import { listenTcp, tcp } from "../transports/nodejs.ts";
import { ErlangNode } from "./node.ts";
import type { NodeOptions } from "./node-options.ts";

const { ca, issue } = throwAwayAuthority();
const stranger = throwAwayAuthority();
const ours = issue();
const theirs = issue();

let count = 0;

/** The arguments of a node that shows its certificate and wants to see one, as client and as server. */
function tlsFiles(release: Release): { readonly args: string[]; readonly remove: () => void } {
  const { folder, remove } = placeFiles(release, {
    "ca.pem": ca,
    "cert.pem": theirs.cert,
    "key.pem": theirs.key,
  });
  const files = `{cacertfile, "${folder}/ca.pem"}, {certfile, "${folder}/cert.pem"}, {keyfile, "${folder}/key.pem"}`;
  const conf = placeFiles(release, {
    "dist.conf": `[{server, [${files}, {verify, verify_peer}, {fail_if_no_peer_cert, true}]}, {client, [${files}, {verify, verify_peer}]}].`,
  });
  return {
    args: ["-proto_dist", "inet_tls", "-ssl_dist_optfile", `${conf.folder}/dist.conf`],
    remove() {
      remove();
      conf.remove();
    },
  };
}

describe.each(releases())("TLS with OTP $otp", (release) => {
  let epmd: Epmd;
  let erl: ErlNode;
  let files: { readonly args: string[]; readonly remove: () => void };

  beforeAll(async () => {
    files = tlsFiles(release);
    epmd = await startEpmd();
    erl = await startErl({ release, epmd, args: files.args });
  });
  afterAll(async () => {
    await erl.stop();
    await epmd.stop();
    files.remove();
  });

  async function start(options: Partial<NodeOptions> = {}): Promise<ErlangNode> {
    const node = await ErlangNode.start({
      name: `tls${process.pid}x${++count}@127.0.0.1`,
      cookie: "secret",
      connect: tcp({ epmdPortNo: epmd.portNo, tls: { ca, ...ours } }),
      ...options,
    });
    onTestFinished(() => node.stop());
    return node;
  }

  it("connects, and talks in both directions", async () => {
    const node = await start();
    expect(await node.ping(erl.name)).toBe(true);
    const self = node.spawn();
    self.register("here");
    const big = new Uint8Array(300_000).fill(7);
    await erl.eval("register(echo, spawn(fun() -> receive {P, M} -> P ! M end end))");
    self.send({ name: "echo", node: erl.name }, tuple(self.pid, big));
    expect(await self.receive()).toEqual(big);
  });

  it("is accepted from, with its certificate checked", async () => {
    const tls = { ca, ...ours, requestCert: true, rejectUnauthorized: true };
    const listen = listenTcp({ host: "127.0.0.1", epmd: { host: "127.0.0.1", portNo: epmd.portNo }, tls });
    const node = await start({ listen });
    expect(await erl.eval(`net_adm:ping('${node.name}')`)).toBe("pong");
    const self = node.spawn();
    self.register("here");
    await erl.eval(`{here, '${node.name}'} ! hello`);
    expect(await self.receive()).toBe(atom("hello"));
  });

  it("is turned away when we do not trust its certificate", async () => {
    const tls = { ca: stranger.ca, ...ours, requestCert: true, rejectUnauthorized: true };
    const listen = listenTcp({ host: "127.0.0.1", epmd: { host: "127.0.0.1", portNo: epmd.portNo }, tls });
    const node = await start({ listen });
    expect(await erl.eval(`net_adm:ping('${node.name}')`)).toBe("pang");
    expect(node.nodes()).toEqual([]);
  });

  it.each([
    ["its certificate is by nobody we know", { ...ours }, /certificate is not trusted.*`ca`/],
    ["its certificate is for another host", { ca, ...ours, servername: "other.example" }, /for another host.*other\.example/],
  ])("is not dialled when %s, and we say so", async (_, tls, message) => {
    const node = await start({ connect: tcp({ epmdPortNo: epmd.portNo, tls }) });
    await expect(node.connect(erl.name)).rejects.toMatchObject({ name: "ConnectionError", code: "tls_failed", message });
  });

  it.each([
    ["none", { ca }],
    ["one of a stranger", { ca, ...stranger.issue() }],
  ])("wants a certificate that it trusts from us; we show %s, and say that this was why", async (_, tls) => {
    const node = await start({ connect: tcp({ epmdPortNo: epmd.portNo, tls }) });
    await expect(node.connect(erl.name)).rejects.toMatchObject({ code: "tls_failed", message: /does not take our certificate/ });
  });

  it("sees at once that we break off: the TCP connection under TLS is reset", async () => {
    const wire = await watchedWire(erl.portNo);
    const streams: ByteStream[] = [];
    const dial = tcp({ portNo: wire.portNo, tls: { ca, ...ours } });
    const connect: Connector = async (peer, options) => {
      const stream = await dial(peer, options);
      streams.push(stream);
      return stream;
    };
    const node = await start({ connect });
    await node.connect(erl.name);
    const down = new Promise((resolve) => node.addEventListener("nodedown", resolve));
    await erl.eval(`monitor_node('${node.name}', true)`);
    // As the driver does with a peer that takes nothing.
    await streams[0]?.direct?.abort();
    expect(await wire.dialerEnd).toBe("ECONNRESET");
    expect(await erl.eval("receive {nodedown, Node} -> Node end")).toBe(`'${node.name}'`);
    await down;
  });

  it("does not take us without TLS", async () => {
    const node = await start({ connect: tcp({ epmdPortNo: epmd.portNo }) });
    await expect(node.connect(erl.name)).rejects.toMatchObject({ message: expect.stringContaining("TLS") });
  });

  it("is told about by a node without TLS", async () => {
    await using plain = await startErl({ release, epmd });
    const node = await start({ connect: tcp({ epmdPortNo: epmd.portNo, tls: { ca, ...ours }, timeoutMs: 500 }) });
    await expect(node.connect(plain.name)).rejects.toMatchObject({ message: expect.stringContaining("TLS") });
  });
});
