// The external term format with real nodes: what they send is read, and what we send comes back the same.
import {
  atom,
  charlist,
  decode,
  decodeTerm,
  type ErlangNode,
  encode,
  equals,
  Export,
  Float,
  Fun,
  ImproperList,
  map,
  Pid,
  Port,
  Reference,
  type Term,
  Tuple,
  tuple,
} from "@erl-dist/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bytesOf } from "../../packages/core/test/support/hex.ts";
import { type Epmd, type ErlNode, releases, startEpmd, startErl } from "../support/otp.ts";
import { dialAs, packetsOf, passThrough } from "./support/fake-peer.ts";
import { freshName, startNode } from "./support/node.ts";

const ECHO = "register(echo, spawn(fun F() -> receive {P, M} -> P ! M, F() end end)), ok";

describe.each(releases())("OTP $otp", (release) => {
  let epmd: Epmd;
  let erl: ErlNode;
  let node: ErlangNode;
  let self: ReturnType<ErlangNode["spawn"]>;

  beforeAll(async () => {
    epmd = await startEpmd();
    erl = await startErl({ release, epmd });
    await erl.eval(ECHO);
  });
  afterAll(async () => {
    await erl.stop();
    await epmd.stop();
  });

  const echo = async (message: Term): Promise<Term> => {
    self.send({ name: "echo", node: erl.name }, tuple(self.pid, message));
    return self.receive();
  };

  /** Whether an expression about our message, there called `M`, is true on the node. */
  async function holds(message: Term, expression: string): Promise<Term> {
    await erl.eval(`register(judge, spawn(fun() -> receive {P, M} -> P ! (${expression}) end end)), ok`);
    self.send({ name: "judge", node: erl.name }, tuple(self.pid, message));
    return self.receive();
  }

  describe("with a node of ours", () => {
    const start = async (): Promise<void> => {
      node = await startNode(epmd.portNo);
      self = node.spawn();
      self.register("here");
      await node.connect(erl.name);
    };

    it("[C29] the greatest and smallest numbers come back, and are those that Erlang means", async () => {
      await start();
      const texts = [
        "-(1 bsl 63) - 1",
        "-(1 bsl 63) + 1",
        "(1 bsl 2040) + 1",
        "(1 bsl 2040) - 1",
        "-(1 bsl 4096)",
        "5.0e-324",
        "1.7976931348623157e308",
        "-0.0",
      ];
      const numbers: Term[] = [
        -(2n ** 63n) - 1n,
        -(2n ** 63n) + 1n,
        2n ** 2040n + 1n,
        2n ** 2040n - 1n,
        -(2n ** 4096n),
        Number.MIN_VALUE,
        new Float(Number.MAX_VALUE),
        new Float(-0),
      ];
      expect(equals(await echo(numbers), numbers)).toBe(true);
      expect(await holds(numbers, `M =:= [${texts.join(", ")}]`)).toBe(true);
    });

    it("[C30] what is no number is refused before it is sent, and harms nothing", async () => {
      await start();
      for (const no of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
        for (const message of [no, new Float(no), [1, no], tuple(no), map([[1, no]]), new ImproperList([1], no)] as Term[]) {
          expect(() => self.send({ name: "echo", node: erl.name }, tuple(self.pid, message))).toThrow(/NaN|Infinity/);
        }
      }
      expect(await echo(1)).toBe(1);
      expect(node.nodes()).toEqual([erl.name]);
    });

    it("[C31] identifiers of ours come back the same, and are the same there", async () => {
      await start();
      const { node: name, creation } = self.pid;
      const identifiers: Term[] = [
        self.pid,
        self.alias(),
        new Pid(name, 0xffff_ffff, 0xffff_ffff, creation),
        new Port(name, 2n ** 64n - 1n, creation),
        new Port(name, 7n, creation),
        new Reference(name, creation, [1, 2, 3]),
        new Reference(name, creation, [1, 2, 3, 4, 5]),
      ];
      const back = (await echo(identifiers)) as Term[];
      expect(back.map((term) => encode(term))).toEqual(identifiers.map((term) => encode(term)));
      // Sent twice, it is one and the same there.
      expect(await holds([identifiers, back], "begin [A, B] = M, A =:= B end")).toBe(true);
      expect(await holds(identifiers, "lists:all(fun(I) -> node(I) =:= node(P) end, M)")).toBe(true);
    });

    it("[C33] maps of many kinds of keys are equal to those of the node, in whatever order they are made", async () => {
      await start();
      const keys: Term[] = [1, new Float(1), "a", new Uint8Array(0), tuple(), tuple(1, []), [], [1], map([[1, 2]]), atom("a")];
      const large: Term[] = Array.from({ length: 33 }, (_, index) => tuple(index, "key"));
      for (const some of [keys, large.slice(1), large]) {
        const entries = some.map((key, index): [Term, Term] => [key, index]);
        const there = map(entries.toReversed());
        expect(equals(await echo(there), map(entries))).toBe(true);
        expect(
          await holds([there, entries.map(([key, value]) => tuple(key, value))], "begin [A, L] = M, A =:= maps:from_list(L) end"),
        ).toBe(true);
        expect(await holds([there, map(entries)], "begin [A, B] = M, erlang:phash2(A) =:= erlang:phash2(B) end")).toBe(true);
      }
    });

    it("[C34] long lists, improper lists, the empty list and deep ones come back the same", async () => {
      await start();
      let deep: Term = [];
      for (let level = 0; level < 100_000; level++) deep = [deep];
      const lists: Term[] = [
        Array.from({ length: 65_535 }, (_, index) => index % 256),
        Array.from({ length: 65_536 }, (_, index) => index % 256),
        charlist("\u{1f600}"),
        [],
        [[]],
        new ImproperList([1], 2),
        new ImproperList([1, [], atom("a")], tuple()),
        new ImproperList(
          Array.from({ length: 70_000 }, () => 1),
          "tail",
        ),
      ];
      expect(equals(await echo(lists), lists)).toBe(true);
      expect(await holds(lists, "[length(hd(M)), length(hd(tl(M))), lists:last(hd(tl(M)))] =:= [65535, 65536, 255]")).toBe(true);
      expect(equals(await echo(deep), deep)).toBe(true);
      expect(await holds(deep, "(fun D([], N) -> N; D([X], N) -> D(X, N + 1) end)(M, 0)")).toBe(100_000);
    });

    it("[C35] funs come back to their node bit by bit, and can be called there", async () => {
      await start();
      await erl.eval(`register(maker, spawn(fun() -> Y = 40, F = fun(X) -> X + Y end, E = fun lists:reverse/1,
        {here, '${node.name}'} ! {self(), [F, E]},
        receive [F2, E2] = L -> {here, '${node.name}'} ! {L =:= [F, E], term_to_binary(L) =:= term_to_binary([F, E]), F2(2), E2([1, 2])} end end)), ok`);
      const [maker, funs] = ((await self.receive()) as Tuple).elements as readonly [Pid, readonly Term[]];
      expect(funs[0]).toBeInstanceOf(Fun);
      expect(funs[1]).toEqual(new Export(atom("lists"), atom("reverse"), 1));
      self.send(maker, funs as Term);
      expect(await self.receive()).toEqual(tuple(true, true, 42, [2, 1]));
    });

    it("[C38] what the node has compressed is read, up to a limit, and a claim of 4 GB is refused", async () => {
      await start();
      await erl.eval(`{here, '${node.name}'} ! term_to_binary(lists:duplicate(1000000, $a), [compressed])`);
      const packed = (await self.receive()) as Uint8Array;
      expect(packed[1]).toBe(80);
      expect(packed.length).toBeLessThan(100_000);
      expect(equals(decode(packed), new Array<Term>(1_000_000).fill(97))).toBe(true);
      expect(() => decode(packed, { limits: { uncompressedBytes: 1_000_000 } })).toThrow(
        expect.objectContaining({ code: "too_large" }),
      );
      const bomb = packed.slice();
      bomb.fill(0xff, 2, 6);
      expect(() => decode(bomb)).toThrow(expect.objectContaining({ code: "too_large" }));
    });
  });

  it("[C28] every kind of term that the release writes is read, and what we write of it is the same term there", async () => {
    node = await startNode(epmd.portNo);
    self = node.spawn();
    self.register("here");
    await node.connect(erl.name);
    await erl.eval(
      `Here = {here, '${node.name}'}, register(all, spawn(fun() ->
      Y = make_ref(), Terms = [ok, 'hello world', 'é', '日本', list_to_atom(lists:duplicate(255, 16#1f600)), '', true,
        0, 255, 256, -1, 1 bsl 27, -(1 bsl 27) - 1, 1 bsl 31, 1 bsl 64, -(1 bsl 64), 1 bsl 3000, 0.0, 1.5, 1.0e300,
        self(), hd(erlang:ports()), Y, alias(), fun(X) -> {X, Y} end, fun lists:map/2, [], "abc", [256, a], [a | b], lists:seq(1, 70000),
        <<>>, <<"abc">>, <<1:1>>, <<5:13>>, {}, {a}, list_to_tuple(lists:seq(1, 300)), #{}, #{a => 1, 1 => a, 1.0 => b},
        maps:from_list([{N, N} || N <- lists:seq(1, 100)])],
      [begin Here ! {self(), T, term_to_binary(T, [{minor_version, 2}])},
        receive {again, T2, B2} -> Here ! {T2 =:= T, binary_to_term(B2) =:= T} end end || T <- Terms], Here ! done end)), ok`,
    );
    let count = 0;
    for (;;) {
      const message = await self.receive();
      if (!(message instanceof Tuple)) break;
      const [sender, term, bytes] = message.elements as readonly [Pid, Term, Uint8Array];
      expect(equals(decode(bytes), term)).toBe(true);
      self.send(sender, tuple(atom("again"), term, encode(decode(bytes))));
      expect(await self.receive(), String(term)).toEqual(tuple(true, true));
      count += 1;
    }
    expect(count).toBe(41);
  });

  it("[C32] the tags of old releases are taken as what they mean, and read from what the node writes in old forms", async () => {
    const name = freshName();
    const peer = await dialAs({ name }, erl.name, erl.portNo);
    const pid = new Pid(atom(name), 1, 0, 4711);
    const nameHex = `64${name.length.toString(16).padStart(4, "0")}${Buffer.from(name).toString("hex")}`;
    const old: readonly [string, Term][] = [
      [`63 ${Buffer.from("1.50000000000000000000e+00".padEnd(31, "\0")).toString("hex")}`, 1.5],
      ["64 0002 6f6b", atom("ok")],
      ["73 02 c3a9", atom("Ã©")],
      [`65 ${nameHex} 00000007 01`, new Reference(atom(name), 1, [7])],
      [`72 0003 ${nameHex} 01 00000001 00000002 00000003`, new Reference(atom(name), 1, [1, 2, 3])],
      [`66 ${nameHex} 00000009 01`, new Port(atom(name), 9n, 1)],
      [`67 ${nameHex} 00000005 00000006 01`, new Pid(atom(name), 5, 6, 1)],
    ];
    for (const [index, [hex, term]] of old.entries()) {
      expect(decodeTerm(bytesOf(hex), 0).term, hex).toEqual(term);
      // {Pid, Term}, as the old tag.
      const message = Buffer.concat([Buffer.of(131, 104, 2), encode(pid).subarray(1), bytesOf(hex)]);
      await peer.write(passThrough(tuple(6, pid, atom(""), atom("echo")), message));
      await expect.poll(() => packetsOf(peer.received()).length, { message: hex }).toBe(index + 1);
      expect(packetsOf(peer.received()).at(-1)?.message, hex).toEqual(term);
    }
    await peer.close();

    for (const minor of [0, 1]) {
      const written = await erl.eval(`base64:encode_to_string(term_to_binary([1.5, ok, 'é'], [{minor_version, ${minor}}]))`);
      expect(decode(Buffer.from(JSON.parse(written), "base64"))).toEqual([1.5, atom("ok"), atom("é")]);
    }
  });
});
