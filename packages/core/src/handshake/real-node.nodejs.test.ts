import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Epmd, type ErlNode, freePortNo, releases, startEpmd, startErl } from "../../../../test/support/otp.ts";
import { fastestMs } from "../../test/support/fastest.ts";
import { type Shaken, shake } from "../../test/support/handshake-run.ts";
import type { ByteStream } from "../transports/byte-stream.ts";
import { connectTcp, listenTcp } from "../transports/nodejs.ts";
import { Acceptor, type AcceptorAnswer } from "./acceptor.ts";
import { DFLAG, type FlagName, flagNames, HEADER_FLAGS, MANDATORY_FLAGS, PASS_THROUGH_FLAGS } from "./flags.ts";
import { Initiator, type InitiatorOptions } from "./initiator.ts";

const STEP = { packetBytes: 2, stepTimeMs: 7000, handshakeBytes: 4096, flags: PASS_THROUGH_FLAGS } as const;
const challenge = (): number => crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
const OURS = "page@127.0.0.1";

describe.each(releases())("OTP $otp", (release) => {
  let epmd: Epmd;
  let erl: ErlNode;

  beforeAll(async () => {
    epmd = await startEpmd();
    erl = await startErl({ release, epmd });
  });
  afterAll(async () => {
    await erl.stop();
    await epmd.stop();
  });

  async function dial(options: Partial<InitiatorOptions> = {}, how?: { bytewise: boolean }): Promise<Shaken> {
    const stream = await connectTcp("127.0.0.1", erl.portNo);
    const own = { name: OURS, creation: 77_777, peer: erl.name, cookie: "secret" };
    return shake(stream, new Initiator({ ...STEP, ...own, challenge: challenge(), now: performance.now(), ...options }), how);
  }

  async function dialDynamic(): Promise<Shaken> {
    return dial({ name: "127.0.0.1", dynamicName: true });
  }

  /** What `nodes(hidden)` or so gives, when it gives what is wanted: OTP tells its kernel of a connection after the ack. */
  async function expectNodes(which: string, names: string[]): Promise<void> {
    const quoted = names.map((name) => `'${name}'`).toSorted();
    await expect.poll(() => erl.eval(`lists:sort(nodes(${which}))`), { timeout: 10_000 }).toBe(`[${quoted.join(",")}]`);
  }

  describe("as the acceptor", () => {
    it.each([
      ["whole", { bytewise: false }],
      ["byte by byte", { bytewise: true }],
    ])("connects with us as a hidden node, %s", async (_, how) => {
      const { result, close } = await dial({}, how);
      expect(result).toMatchObject({ name: OURS, creation: 77_777, peer: erl.name, hidden: true });
      expect(String(result.peerCreation)).toBe(await erl.eval("erlang:system_info(creation)"));
      expect(flagNames(result.flags)).toEqual(expect.arrayContaining(["ALIAS", "SPAWN", "UNLINK_ID", "V4_NC"]));
      await expectNodes("hidden", [OURS]);
      await close();
      await expectNodes("hidden", []);
    });

    it("connects with the flags for distribution headers", async () => {
      const { result, close } = await dial({ flags: HEADER_FLAGS });
      expect(flagNames(result.flags)).toEqual(expect.arrayContaining(["DIST_HDR_ATOM_CACHE", "FRAGMENTS"]));
      await close();
      await expectNodes("hidden", []);
    });

    it("names two peers that ask for names, each another", async () => {
      const both = await Promise.all([dialDynamic(), dialDynamic()]);
      const names = both.map(({ result }) => result.name);
      expect(new Set(names).size).toBe(2);
      for (const { result } of both) {
        expect(result.name).toMatch(/^[0-9A-Z]+@127\.0\.0\.1$/);
        expect(result).toMatchObject({ creation: expect.any(Number), hidden: true });
      }
      await expectNodes("hidden", names);
      await Promise.all(both.map(({ close }) => close()));
      await expectNodes("hidden", []);
    });

    it("refuses another cookie, which we tell from other refusals in less than a second", async () => {
      const refused = (): Promise<void> => expect(dial({ cookie: "other" })).rejects.toMatchObject({ code: "wrong_cookie" });
      expect(await fastestMs(refused)).toBeLessThan(1000);
    });

    const demanded: FlagName[] = flagNames(MANDATORY_FLAGS).filter(
      (flag) => Number(release.otp) >= 26 || (flag !== "UNLINK_ID" && flag !== "V4_NC"),
    );
    it.each(demanded)("does not allow us without %s", async (flag) => {
      const flags = PASS_THROUGH_FLAGS & ~DFLAG.MANDATORY_25_DIGEST & ~DFLAG[flag];
      await expect(dial({ flags })).rejects.toMatchObject({ code: "not_allowed", message: expect.stringContaining(flag) });
    });

    it("takes MANDATORY_25_DIGEST for the flags it stands for", async () => {
      const { close } = await dial({ flags: DFLAG.MANDATORY_25_DIGEST | DFLAG.V4_NC | DFLAG.UNLINK_ID });
      await expectNodes("hidden", [OURS]);
      await close();
      await expectNodes("hidden", []);
    });

    it("asks whether we are the node it is connected with, and believes our answer", async () => {
      const first = await dial();
      await expect(dial()).rejects.toMatchObject({ code: "name_in_use" });
      await expectNodes("hidden", [OURS]);
      const second = await dial({ answerAlive: true });
      expect(second.events[0]).toEqual({ type: "status", status: "alive" });
      await first.closed;
      await first.close();
      await expectNodes("hidden", [OURS]);
      await second.close();
      await expectNodes("hidden", []);
    });

    it("is not mistaken for another node", async () => {
      await expect(dial({ peer: "other@127.0.0.1" })).rejects.toMatchObject({
        code: "wrong_node",
        message: expect.stringContaining(`"${erl.name}" answered`),
      });
    });

    it("says nok to its own name", async () => {
      await expect(dial({ name: erl.name })).rejects.toMatchObject({ code: "simultaneous_refused" });
    });

    it("says not_allowed to a node that net_kernel:allow/1 leaves out", async () => {
      await using strict = await startErl({ release, args: ["-eval", "net_kernel:allow(['friend@127.0.0.1'])."] });
      const stream = await connectTcp("127.0.0.1", strict.portNo);
      const own = { name: OURS, creation: 4, peer: strict.name, cookie: "secret", challenge: 1, now: performance.now() };
      await expect(shake(stream, new Initiator({ ...STEP, ...own }))).rejects.toMatchObject({ code: "not_allowed" });
    });
  });

  describe("as the initiator", () => {
    /** Listens as `name`, has Erlang connect, and gives what came of it on either side. */
    async function accept(expression: string, answer: AcceptorAnswer, bytewise = false): Promise<[Promise<Shaken>, string]> {
      let shaken: Promise<Shaken> | undefined;
      const listening = await listenTcp({ host: "127.0.0.1", epmd: { portNo: epmd.portNo } })({
        name: OURS,
        hidden: true,
        accept(stream: ByteStream) {
          const own = { name: OURS, creation: 88_888, challenge: challenge(), now: performance.now() };
          shaken = shake(stream, new Acceptor({ ...STEP, ...own }), { answer, bytewise });
          shaken.catch(() => "seen by the test");
        },
      });
      const result = await erl.eval(expression);
      await listening.close();
      if (shaken === undefined) throw new Error("nobody connected");
      return [shaken, result];
    }

    it.each([false, true])("connects with us, byte by byte: %s", async (bytewise) => {
      const [shaken, result] = await accept(`net_kernel:connect_node('${OURS}')`, { status: "ok", cookie: "secret" }, bytewise);
      expect(result).toBe("true");
      const { result: agreed, close } = await shaken;
      expect(agreed).toMatchObject({ name: OURS, creation: 88_888, peer: erl.name, hidden: true });
      expect(String(agreed.peerCreation)).toBe(await erl.eval("erlang:system_info(creation)"));
      await expectNodes("hidden", [OURS]);
      await close();
      await expectNodes("hidden", []);
    });

    it("goes on after ok_simultaneous, and after alive: it has no other connection with us that lives", async () => {
      for (const status of ["ok_simultaneous", "alive"] as const) {
        const [shaken, result] = await accept(`net_kernel:connect_node('${OURS}')`, { status, cookie: "secret" });
        expect(result).toBe("true");
        await (await shaken).close();
        await expectNodes("hidden", []);
      }
    });

    it("is closed on without an ack when its cookie is another", async () => {
      const dialled = `erlang:set_cookie('${OURS}', other), net_kernel:connect_node('${OURS}')`;
      const [shaken, result] = await accept(dialled, { status: "ok", cookie: "secret" });
      await erl.eval(`erlang:set_cookie('${OURS}', secret)`);
      expect(result).toBe("false");
      await expect(shaken).rejects.toMatchObject({ code: "wrong_cookie", peer: erl.name });
    });

    it("takes the name that we give it", async () => {
      const portNo = await freePortNo();
      const named = { named: "given@127.0.0.1", creation: 4711 };
      let shaken: Promise<Shaken> | undefined;
      const listening = await listenTcp({ host: "127.0.0.1", portNo, epmd: false })({
        name: OURS,
        hidden: true,
        accept(stream) {
          const own = { name: OURS, creation: 88_888, challenge: challenge(), now: performance.now() };
          shaken = shake(stream, new Acceptor({ ...STEP, ...own }), { answer: { status: named, cookie: "secret" } });
        },
      });
      const program = `net_kernel:connect_node('${OURS}'), io:format("~p ~p", [node(), erlang:system_info(creation)]), halt().`;
      const distribution = [
        "-start_epmd",
        "false",
        "-name",
        "undefined@127.0.0.1",
        "-setcookie",
        "secret",
        "-dist_listen",
        "false",
      ];
      const [file = "", ...args] = [...release.prefix, "erl", "-noshell", ...distribution];
      const child = spawn(file, [...args, "-erl_epmd_port", String(portNo), "-eval", program], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      let output = "";
      child.stdout.on("data", (chunk: Buffer) => {
        output += chunk.toString();
      });
      await once(child, "close");
      await listening.close();
      expect(output).toBe("'given@127.0.0.1' 4711");
      const { events, close } = (await shaken) ?? expect.unreachable("nobody connected");
      expect(events[0]).toMatchObject({ type: "name", name: "127.0.0.1", wantsName: true, creation: 0 });
      await close();
    });
  });
});
