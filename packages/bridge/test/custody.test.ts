// A node of ours plays the whole scenario through the bridge, with a secret of its session in place of the cookie. In Chromium:
// e2e/custody.spec.ts.
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { connect as connectTls } from "node:tls";
import { decodeChallenge, decodeReply } from "@erl-dist/core/handshake";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ErlNode, releases, startErl } from "../../../test/support/otp.ts";
import { ACT_NAMES, scenario } from "../../core/test/scenario.ts";
import { throwAwayAuthority } from "../../core/test/support/certificate.ts";
import { HandshakeCutter } from "../src/policy/handshake-cutter.ts";
import { LEVELS, startGuarded, TARGET, tracesOf, type Visitor, visit } from "./support/guarded.ts";
import { inetTls } from "./support/inet-tls.ts";

const COOKIE = "thecookiethatnopageeversees";
const { ca, issue } = throwAwayAuthority();

describe.each(releases())("with OTP $otp", (release) => {
  let erl: ErlNode;
  beforeAll(async () => {
    erl = await startErl({ release, cookie: COOKIE });
  });
  afterAll(() => erl.stop());

  it.each(LEVELS)("%s: a page plays every act, under a name that the node gave", async (_, config) => {
    const guarded = await startGuarded(erl, config);
    const visitor = await visit(guarded);
    expect(await scenario(visitor.node, erl.name)).toEqual(ACT_NAMES);
    await visitor.node.stop();
    expect(await guarded.record()).toMatchObject({
      subject: "ann",
      target: TARGET,
      name: expect.stringMatching(/^[0-9A-Z]+@web$/),
      handshakeMs: expect.any(Number),
    });
    if (config.level === "custody") expectNoTrace(visitor);
  });

  it.each(LEVELS)("%s: a page has the name of its token, whether it asks for one or knows it", async (_, config) => {
    const guarded = await startGuarded(erl, config);
    for (const options of [{}, { name: "ann@shop" }]) {
      const { node } = await visit(guarded, { ...options, ticket: await guarded.ticket({ name: "ann@shop" }) });
      expect(await node.ping(erl.name)).toBe(true);
      expect(node.name).toBe("ann@shop");
      expect(await erl.eval("net_adm:ping('ann@shop')")).toBe("pong");
      // The next one takes the place of this one, which is still connected.
    }
    expect(await erl.eval("nodes(hidden)")).toBe("[ann@shop]");
  });

  it.each(LEVELS)("[T26] %s: a link goes on while the configuration is read again, and again", async (_, config) => {
    const guarded = await startGuarded(erl, { ...config, tls: issue() });
    const { node } = await visit(guarded, { ca });
    await node.connect(erl.name);
    const large = new Uint8Array(200_000).map((_byte, index) => index * 31);
    const calls = [];
    let tls = issue();
    for (let round = 0; round < 20; round++) {
      calls.push(node.erpc(erl.name, "erlang", "byte_size", [large]));
      // Tokens of another issuer from now on, other limits and another certificate; who is in stays in.
      tls = issue();
      guarded.reconfigure({ auth: { type: "jwt", issuer: `of round ${round}` }, limits: { links: 100 + round }, tls });
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await Promise.all(calls)).toEqual(calls.map(() => large.length));
    const late = await visit(guarded, { ca });
    await expect(late.node.connect(erl.name)).rejects.toMatchObject({ code: "bridge_refused" });
    const shown = connectTls({ port: Number(new URL(guarded.url).port), host: "127.0.0.1", ca });
    await once(shown, "secureConnect");
    expect(shown.getPeerCertificate().raw.equals(new X509Certificate(tls.cert).raw)).toBe(true);
    shown.destroy();
    expect(await node.ping(erl.name)).toBe(true);
  });

  it.each(LEVELS)("%s: the same with TLS on both sides", async (_, config) => {
    using tls = inetTls(release, { ca, ...issue() });
    await using tlsErl = await startErl({ release, cookie: COOKIE, args: tls.args });
    const targets = { [TARGET]: { node: tlsErl.name, portNo: tlsErl.portNo, tls: { ca, ...issue() } } };
    const guarded = await startGuarded(tlsErl, { ...config, targets, tls: issue() });
    expect(guarded.url).toMatch(/^wss:/);
    const visitor = await visit(guarded, { ca });
    expect(await scenario(visitor.node, tlsErl.name)).toEqual(ACT_NAMES);
    if (config.level === "custody") expectNoTrace(visitor);
  });
});

/** The cookie, grepped for in every byte that reached the page, and each digest that was made from it. */
function expectNoTrace({ seen, said }: Visitor): void {
  const bytes = seen();
  const theirs = new HandshakeCutter(2);
  // Behind the answer to the WebSocket's opening.
  theirs.push(bytes.subarray(bytes.indexOf("snamed:") - 2));
  theirs.take();
  const { challenge } = decodeChallenge(theirs.take() ?? new Uint8Array());
  const reply = decodeReply((said[1] ?? new Uint8Array()).subarray(2, 23));
  const traces = tracesOf(COOKIE, [challenge, reply.challenge]);
  expect(traces).toHaveLength(3);
  for (const trace of traces) expect(bytes.includes(trace)).toBe(false);
}
