// What somebody could do to a node through a bridge that only passes bytes on, tried through one that looks: each attack fails, and
// the node's atoms, memory and life stay put. The numbers are those of docs/SECURITY.md. All of it runs against nodes of this test.
import { connect as connectTcp, createServer } from "node:net";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { DFLAG, decodeChallenge, digest, encodeName, encodeReply, PASS_THROUGH_FLAGS } from "@erl-dist/core/handshake";
import { NODE_ENDED } from "@erl-dist/core/transports/bridge-protocol";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type ErlNode, releases, startErl } from "../../../test/support/otp.ts";
import { throwAwayAuthority } from "../../core/test/support/certificate.ts";
import { HandshakeCutter } from "../src/policy/handshake-cutter.ts";
import { openPage, type Page, startBridge, until } from "./support/bridge.ts";
import { enter, type Guarded, LEVELS, shakeHands, startGuarded, TARGET, tracesOf, visit, vitals } from "./support/guarded.ts";
import { inetTls } from "./support/inet-tls.ts";

const COOKIE = "thecookiethatnopageeversees";
const TRIES = 60;
/** Of a node's own doing meanwhile; one for each try would be many more. */
const NOISE_ATOMS = 20;
const NOISE_BYTES = 20e6;

const { ca, issue } = throwAwayAuthority();

/** A name message as the page's side frames it. */
function nameMessage(name: string): Uint8Array {
  return frame(encodeName({ flags: PASS_THROUGH_FLAGS, creation: 7, name }));
}

describe.each(releases())("with OTP $otp", (release) => {
  let erl: ErlNode;
  beforeAll(async () => {
    erl = await startErl({ release, cookie: COOKIE });
    await loadAll(erl, "kernel, stdlib");
  });
  afterAll(() => erl.stop());

  /** Runs an attack; the node's memory stays where it was all the while, and afterwards it has its atoms and knows nobody. */
  async function unharmed(attack: () => Promise<void>, node = erl): Promise<void> {
    const most = await watchMemory(node);
    const before = await vitals(node);
    await attack();
    expect((await most()) - before.bytes).toBeLessThan(NOISE_BYTES);
    await expect.poll(() => node.eval("nodes(hidden)"), { timeout: 10_000 }).toBe("[]");
    const after = await vitals(node);
    expect(after.atoms - before.atoms).toBeLessThan(NOISE_ATOMS);
    expect(after.bytes - before.bytes).toBeLessThan(NOISE_BYTES);
  }

  it("[A1] without a gate each new name costs the node an atom: so the other tests can fail", async () => {
    const { url } = await startBridge({ targets: { [TARGET]: { node: erl.name, portNo: erl.portNo } } });
    const before = await vitals(erl);
    for (let index = 0; index < 50; index++) {
      const page = await openPage(url, { path: `/dist/${TARGET}` });
      page.socket.send(nameMessage(`control${index}@evil`));
      await page.read(5);
      page.socket.terminate();
    }
    expect((await vitals(erl)).atoms - before.atoms).toBeGreaterThanOrEqual(50);
  });

  it("[A6] without a gate a length of a gigabyte makes the node allocate one: so the other tests can fail", async () => {
    const { url } = await startBridge({ targets: { [TARGET]: { node: erl.name, portNo: erl.portNo } } });
    const page = await openPage(url, { path: `/dist/${TARGET}` });
    expect(await shakeHands(page, erl, {})).toBe(true);
    const most = await watchMemory(erl);
    const before = await vitals(erl);
    page.socket.send(Buffer.from([0x3b, 0x9a, 0xca, 0]));
    await expect.poll(async () => (await vitals(erl)).bytes - before.bytes).toBeGreaterThan(900e6);
    page.socket.terminate();
    expect((await most()) - before.bytes).toBeGreaterThan(900e6);
    await expect.poll(() => erl.eval("nodes(hidden)")).toBe("[]");
  });

  describe.each(LEVELS)("[T19] through %s", (_, config) => {
    let guarded: Guarded;

    async function page() {
      const { token, secret } = await guarded.ticket();
      return { page: await enter(guarded.url, token), secret };
    }

    /** Somebody who is let in and connected, and can then send what it likes. */
    async function insider() {
      guarded = await startGuarded(erl, config);
      const { page: insider, secret } = await page();
      expect(await shakeHands(insider, erl, { cookie: secret })).toBe(true);
      return insider;
    }

    it("[A1] new names leave no atom, for the node hears of none", async () => {
      guarded = await startGuarded(erl, config);
      await unharmed(async () => {
        for (let index = 0; index < TRIES; index++) {
          const { page: intruder } = await page();
          intruder.socket.send(nameMessage(`evil${index}@${release.otp}.example`));
          expect(await intruder.closed).toMatchObject({ code: 4403 });
        }
      });
    });

    it("[A1] asking for names without knowing the secret leaves those of the node's own pool", async () => {
      guarded = await startGuarded(erl, config);
      const guess = async (index: number): Promise<void> => {
        const { page: intruder } = await page();
        expect(await shakeHands(intruder, erl, { name: `h${index}.example`, cookie: "guess" })).toBe(false);
        intruder.socket.terminate();
      };
      // The first one gives the node its first name of the pool.
      await guess(0);
      await unharmed(async () => {
        for (let index = 1; index <= TRIES; index++) await guess(index);
      });
    });

    it.each([
      ["a distribution header", [131, 68, 0, 112]],
      ["a fragment", [131, 69, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0]],
    ])("[A4] the node ends the connection at %s, for it was not agreed on", async (_what, bytes) => {
      await unharmed(async () => {
        const intruder = await insider();
        intruder.socket.send(Buffer.from([0, 0, 0, bytes.length, ...bytes]));
        expect(await intruder.closed).toMatchObject({ code: NODE_ENDED });
      });
    });

    it("[A5] a fragment with a large number makes the node allocate nothing", async () => {
      await unharmed(async () => {
        const intruder = await insider();
        // Sequence 1, of fifty million fragments.
        const header = [131, 69, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 2, 250, 240, 128, 0];
        intruder.socket.send(Buffer.from([0, 0, 0, header.length, ...header]));
        expect(await intruder.closed).toMatchObject({ code: NODE_ENDED });
      });
    });

    it("[A6] a length of a gigabyte does not reach the node", async () => {
      await unharmed(async () => {
        const intruder = await insider();
        intruder.socket.send(Buffer.from([0x3b, 0x9a, 0xca, 0]));
        expect(await intruder.closed).toMatchObject({ code: 4413 });
        expect(await guarded.record()).toMatchObject({
          detail: "a packet of 1000000000 bytes was announced, 16777216 are allowed",
        });
      });
    });

    it("[A12] a page that ticks and does not read holds no process of the node for long", async () => {
      guarded = await startGuarded(erl, { ...config, limits: { stallTimeMs: 500, closeTimeMs: 500, bufferedBytes: 64 * 1024 } });
      await unharmed(async () => {
        const { token, secret } = await guarded.ticket({ name: "slow@shop" });
        const slow = await enter(guarded.url, token);
        expect(await shakeHands(slow, erl, { name: "slow@shop", dynamicName: false, cookie: secret })).toBe(true);
        slow.socket.pause();
        const ticks = setInterval(() => slow.socket.send(Buffer.alloc(4)), 50);
        try {
          // It stops by itself when nobody is connected any more, but only once it runs again.
          const send = "erlang:send({sink, 'slow@shop'}, <<0:8000000>>, [noconnect])";
          await erl.eval(`register(sender, spawn(fun F() -> case ${send} of ok -> F(); noconnect -> gone end end))`);
          await expect
            .poll(() => erl.eval("process_info(whereis(sender), status)"), { timeout: 10_000 })
            .toBe("{status,suspended}");
          expect(await guarded.record()).toMatchObject({ code: 4408 });
          await expect.poll(() => erl.eval("whereis(sender)"), { timeout: 10_000 }).toBe("undefined");
        } finally {
          clearInterval(ticks);
        }
      });
    });

    it("[A13] what is on the wire gives nothing away that a cookie could be computed from", async () => {
      using tls = inetTls(release, { ca, ...issue() });
      await using tlsErl = await startErl({ release, cookie: COOKIE, args: tls.args });
      const toNode = await startTap(tlsErl.portNo);
      const targets = { [TARGET]: { node: tlsErl.name, portNo: toNode.portNo, tls: { ca, ...issue() } } };
      const tapped = await startGuarded(tlsErl, { ...config, targets, tls: issue() });
      const toBridge = await startTap(Number(new URL(tapped.url).port));
      const overheard = async (): Promise<readonly Uint8Array[]> => {
        const { node, said } = await visit({ ...tapped, url: `wss://localhost:${toBridge.portNo}` }, { ca });
        expect(await node.ping(tlsErl.name)).toBe(true);
        await node.stop();
        return said;
      };
      await loadAll(tlsErl, "kernel, stdlib, asn1, public_key, ssl");
      await overheard();
      let said: readonly Uint8Array[] = [];
      await unharmed(async () => {
        said = await overheard();
      }, tlsErl);
      // What it answered to the node's challenge is known to itself only.
      const digest = Buffer.from((said[1] ?? new Uint8Array()).subarray(7, 23));
      expect(digest).toHaveLength(16);
      for (const tap of [toNode, toBridge]) {
        expect(tap.bytes().length).toBeGreaterThan(1000);
        for (const trace of [digest, ...tracesOf(COOKIE, [])]) expect(tap.bytes().includes(trace)).toBe(false);
      }
      // Nor could the page compute it: it was never asked about the cookie.
      if (config.level === "custody") {
        for (const trace of tracesOf(COOKIE, [])) expect(Buffer.concat(said).includes(trace)).toBe(false);
      }
    });

    it("[T21] nobody gets in with another secret", async () => {
      guarded = await startGuarded(erl, config);
      await unharmed(async () => {
        const { token } = await guarded.ticket();
        for (const cookie of ["guess", token, config.level === "custody" ? COOKIE : "", `${COOKIE}x`]) {
          const { page: intruder } = await page();
          expect(await shakeHands(intruder, erl, { cookie })).toBe(false);
          // Under custody the bridge sees it itself; else the node does, and just closes.
          expect(await intruder.closed).toMatchObject({ code: config.level === "custody" ? 4407 : NODE_ENDED });
        }
      });
    });

    it.each<[string, (challenge: number, secret: string) => readonly Uint8Array[]]>([
      [
        "a digest of the challenge that it sends itself",
        (_asked, secret) => [encodeReply({ challenge: 99, digest: digest(secret, 99) })],
      ],
      ["the node's challenge sent back to it", (asked) => [encodeReply({ challenge: asked, digest: digest("", asked) })]],
      ["a digest of zeros", () => [encodeReply({ challenge: 1, digest: new Uint8Array(16) })]],
    ])("[T21] nobody gets in with %s", async (_what, reply) => {
      guarded = await startGuarded(erl, config);
      await unharmed(async () => {
        const { page: intruder, secret } = await page();
        for (const message of reply(await askedChallenge(intruder), secret)) intruder.socket.send(frame(message));
        expect(await intruder.closed).toMatchObject({ code: config.level === "custody" ? 4407 : NODE_ENDED });
      });
    });

    it("[T21] nobody gets a packet through before the handshake is over, even with the right digest", async () => {
      guarded = await startGuarded(erl, config);
      await unharmed(async () => {
        const { page: intruder, secret } = await page();
        const asked = await askedChallenge(intruder);
        const reply = frame(encodeReply({ challenge: 99, digest: digest(secret, asked) }));
        intruder.socket.send(Buffer.concat([reply, Buffer.from([0, 0, 0, 0])]));
        expect(await intruder.closed).toMatchObject({ code: 4406 });
      });
    });
  });
});

const frame = (message: Uint8Array): Uint8Array => new HandshakeCutter(2).frame(message);

/** Asks for a name, and gives the challenge that comes then. */
async function askedChallenge(page: Page): Promise<number> {
  page.socket.send(frame(encodeName({ flags: PASS_THROUGH_FLAGS | DFLAG.NAME_ME, creation: 0, name: "h" })));
  const cutter = new HandshakeCutter(2);
  const messages: Uint8Array[] = [];
  let read = 0;
  await until(() => {
    for (const chunk of page.received.slice(read)) cutter.push(chunk);
    read = page.received.length;
    for (let message = cutter.take(); message !== undefined; message = cutter.take()) messages.push(message);
    return messages.length === 2;
  });
  return decodeChallenge(messages[1] ?? new Uint8Array()).challenge;
}

/** Looks at the node's memory every few milliseconds; what it gives stops that, and tells the most that it had. */
async function watchMemory(node: ErlNode): Promise<() => Promise<number>> {
  const next = "receive {From, most} -> From ! {most, Now} after 3 -> F(Now) end";
  const loop = `fun F(Most) -> Now = max(Most, erlang:memory(total)), ${next} end`;
  await node.eval(`Loop = ${loop}, register(memory, spawn(fun() -> Loop(0) end))`);
  return async () => Number(await node.eval("memory ! {self(), most}, receive {most, Most} -> Most end"));
}

/** What a node loads when it has something to log, or gives its first name, brings atoms of its own. */
async function loadAll(node: ErlNode, applications: string): Promise<void> {
  const beams = 'filelib:wildcard(code:lib_dir(App) ++ "/ebin/*.beam")';
  const module = 'list_to_atom(filename:basename(Beam, ".beam"))';
  await node.eval(`[code:ensure_loaded(${module}) || App <- [${applications}], Beam <- ${beams}], crypto:strong_rand_bytes(1)`);
}

interface Tap {
  readonly portNo: number;
  readonly bytes: () => Buffer;
}

/** Passes bytes on to a port of this machine, and keeps them all. */
async function startTap(toPortNo: number): Promise<Tap> {
  const chunks: Buffer[] = [];
  const server = createServer((socket) => {
    const onward = connectTcp(toPortNo, "127.0.0.1");
    for (const [from, to] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      from.on("data", (chunk) => {
        chunks.push(chunk);
        to.write(chunk);
      });
      from.on("end", () => to.end());
      // The other side ends then, too.
      from.on("error", () => to.destroy());
    }
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => void server.close());
  return { portNo: (server.address() as AddressInfo).port, bytes: () => Buffer.concat(chunks) };
}
