// Every form of packets with real nodes: large messages both ways, atoms by the thousand, links, monitors, and the order of
// many senders at once.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ErlNode, releases, startErl } from "../../../../test/support/otp.ts";
import { packetForm } from "../distribution/index.ts";
import { atom, charlist, map, NativeRecord, type Pid, type Reference, type Term, Tuple, tuple } from "../etf/index.ts";
import { DFLAG } from "../handshake/index.ts";
import { tcp } from "../transports/nodejs.ts";
import type { Connector } from "../transports/byte-stream.ts";
import type { BareNode } from "./bare-node.ts";
import { serveControllers } from "./controller-server.ts";
import { ErlangNode } from "./node.ts";
import type { DistributionOptions, NodeOptions } from "./node-options.ts";
import type { Process } from "./process.ts";
import { remoteControllers, startNode } from "./remote-node.ts";

const MODES: readonly (DistributionOptions & { readonly name: string; readonly remote?: true })[] = [
  { name: "pass-through packets", atomCache: false, fragments: false },
  { name: "controllers behind a port", atomCache: false, fragments: false, remote: true },
  { name: "headers without atoms", atomCache: "receive", fragments: false },
  { name: "headers with atom cache", atomCache: true, fragments: false },
  { name: "fragments", atomCache: false, fragments: true },
  { name: "headers with atom cache and fragments", atomCache: true, fragments: true },
];
const SENDERS = 50;
const ROUNDS = 6;
const ECHO = "register(echo, spawn(fun F() -> receive {P, M} -> P ! M, F() end end))";
const EVALUATOR = `register(evaluator, spawn(fun F() -> receive {Text, Bindings} ->
  {ok, Tokens, _} = erl_scan:string(binary_to_list(Text) ++ "."), {ok, Exprs} = erl_parse:parse_exprs(Tokens),
  erl_eval:exprs(Exprs, Bindings), F() end end))`;
let count = 0;
const stops: (() => void)[] = [];

afterAll(() => {
  for (const stop of stops) stop();
});

describe.each(releases())("with OTP $otp", (release) => {
  let erl: ErlNode;

  beforeAll(async () => {
    erl = await startErl({ release });
    await erl.eval(ECHO);
    await erl.eval(EVALUATOR);
  });
  afterAll(() => erl.stop());

  describe.each(MODES)("and $name", ({ atomCache, fragments, remote }) => {
    let node: BareNode;
    let self: Process;
    const echo = async (message: Term): Promise<Term> => {
      self.send({ name: "echo", node: erl.name }, tuple(self.pid, message));
      return self.receive(undefined, { timeoutMs: 20_000 });
    };

    beforeAll(async () => {
      const connect = tcp({ portNo: erl.portNo });
      node = remote ? await startRemote(connect) : await start({ connect, distribution: { atomCache, fragments } });
      self = node.spawn();
      await node.connect(erl.name);
    });
    afterAll(() => node.stop());

    it("agrees on this form of packets", async () => {
      const { flags } = await node.connect(erl.name);
      const hasCache = atomCache !== false;
      expect(packetForm(flags)).toEqual({ header: hasCache || fragments, atomCache: hasCache, fragments });
    });

    it("[C57] takes every kind of control message", async () => {
      const target = node.spawn();
      target.register("target");
      target.trapExit = true;
      const priority = Number(release.otp) < 28 ? "ok" : "erlang:send(Alias, priority, [priority])";
      evalWith(
        `spawn(fun() ->
           link(V), unlink(V), link(V), V ! {me, self()}, {target, node(V)} ! named, Alias ! aliased, ${priority},
           seq_trace:set_token(label, 17), V ! traced, {target, node(V)} ! traced_name, seq_trace:set_token([]),
           group_leader(self(), V), exit(V, kindly),
           {Q, M} = spawn_monitor(node(V), m, f, [1]), receive {'DOWN', M, process, Q, {undef, _}} -> V ! spawned end,
           M2 = monitor(process, V), demonitor(M2),
           M3 = monitor(process, {nobody, node(V)}), receive {'DOWN', M3, process, _, noproc} -> V ! noproc end,
           exit(done)
         end)`,
        { V: target.pid, Alias: target.alias() },
      );
      const me = ((await target.receive()) as Tuple).at(1) as Pid;
      const names = ["named", "aliased", ...(priority === "ok" ? [] : ["priority"]), "traced", "traced_name"];
      for (const name of names) expect(await target.receive()).toBe(atom(name));
      expect(await target.receive()).toEqual(tuple(atom("EXIT"), me, atom("kindly")));
      expect(target.groupLeader).toEqual(me);
      for (const name of ["spawned", "noproc"]) expect(await target.receive()).toBe(atom(name));
      expect(await target.receive()).toEqual(tuple(atom("EXIT"), me, atom("done")));
      target.exit(atom("normal"));
    });

    it("[C57] sends every kind of control message", async () => {
      evalWith(
        `spawn(fun() ->
           process_flag(trap_exit, true), register(target, self()), P ! {self(), alias()},
           Info = fun(Item) -> element(2, process_info(self(), Item)) end,
           Loop = fun Loop(Seen) -> receive
             stop -> P ! {lists:reverse(Seen), Info(links), Info(monitored_by)};
             Message -> Loop([Message | Seen])
           end end,
           Loop([])
         end)`,
      );
      const [there, alias] = ((await self.receive()) as Tuple).elements as readonly [Pid, Reference];
      const sender = node.spawn();
      sender.link(there);
      sender.unlink(there);
      sender.link(there);
      sender.send(there, 1);
      sender.send({ name: "target", node: erl.name }, 2);
      sender.send(alias, 3);
      sender.demonitor(sender.monitor(there));
      sender.monitor({ name: "target", node: erl.name });
      sender.exit(there, atom("kindly"));
      sender.exit(atom("done"));
      self.send(there, atom("stop"));
      const exit = (reason: string): Term => tuple(atom("EXIT"), sender.pid, atom(reason));
      expect(await self.receive()).toEqual(tuple([1, 2, 3, exit("kindly"), exit("done")], [], []));
    });

    it("[C58] echoes terms with more atoms than one header holds, and more than the cache has slots", async () => {
      for (const round of [1, 2]) {
        for (let start = 0; start < 4200; start += 300) {
          const atoms = Array.from({ length: 300 }, (_, index) => atom(`atom ${start + index}`));
          expect(await echo(tuple(round, atoms)), `from ${start}`).toEqual(tuple(round, atoms));
        }
      }
      const odd = [
        atom("é".repeat(255)),
        atom("\u{1f600}".repeat(255)),
        atom(""),
        atom("a"),
        true,
        false,
        map({ ok: atom("ok") }),
      ];
      for (const round of [1, 2]) expect(await echo(tuple(round, odd))).toEqual(tuple(round, odd));
    });

    it.each([65_000, 65_536, 70_000, 10_000_000, 64 * 2 ** 20])("[C59] carries %i bytes both ways", async (bytes) => {
      const data = pattern(bytes);
      const reply = await echo(tuple(atom("data"), data, atom("end")));
      const [, echoed] = (reply as Tuple).elements as readonly [Term, Uint8Array];
      expect(echoed.length).toBe(bytes);
      expect(isSame(echoed, data)).toBe(true);
    });

    it("links, monitors and exits", async () => {
      const long = "reason ".repeat(20_000);
      self.trapExit = true;
      evalWith(`P ! spawn(fun() -> receive {go, R} -> exit(R) end end)`);
      const pid = (await self.receive()) as Pid;
      self.link(pid);
      const ref = self.monitor(pid);
      self.send(pid, tuple(atom("go"), long));
      const [first, second] = [(await self.receive()) as Tuple, (await self.receive()) as Tuple];
      const text = new TextEncoder().encode(long);
      expect([first, second]).toContainEqual(tuple(atom("EXIT"), pid, text));
      expect([first, second]).toContainEqual(tuple(atom("DOWN"), ref, atom("process"), pid, text));

      // The other way round.
      const victim = node.spawn();
      victim.register("victim");
      evalWith(
        `spawn(fun() -> process_flag(trap_exit, true), M = monitor(process, {victim, node(P)}),
           P ! {watching, self()}, receive {'DOWN', M, process, _, R} -> P ! {down, R} end end)`,
      );
      await self.receive((message) => message instanceof Tuple && message.at(0) === atom("watching"));
      victim.exit(charlist(long));
      expect(await self.receive()).toEqual(tuple(atom("down"), charlist(long)));
      self.trapExit = false;
    });

    it("[C59] keeps the order of each of many senders, whose small and large messages go at once", async () => {
      const sizes = (sender: number, round: number): number => ((sender + round) % 3 === 0 ? 150_000 : 10);
      evalWith(
        `spawn(fun() ->
           L = fun F(Acc) -> receive {S, N, B} -> F([{S, N, byte_size(B)} | Acc]); {done, Q} -> Q ! lists:reverse(Acc) end end,
           register(collector, self()), P ! ready, L([]) end)`,
      );
      await self.receive();
      const senders = Array.from({ length: SENDERS }, () => node.spawn());
      for (let round = 0; round < ROUNDS; round++) {
        for (const [sender, process] of senders.entries()) {
          const message = tuple(sender, round, new Uint8Array(sizes(sender, round)));
          process.send({ name: "collector", node: erl.name }, message);
        }
      }
      const expected = SENDERS * ROUNDS;
      for (const process of senders) {
        // Behind all that it has sent.
        process.send({ name: "echo", node: erl.name }, tuple(self.pid, atom("sent")));
        expect(await self.receive()).toEqual(atom("sent"));
      }
      self.send({ name: "collector", node: erl.name }, tuple(atom("done"), self.pid));
      const seen = (await self.receive(undefined, { timeoutMs: 20_000 })) as readonly Tuple[];
      expect(seen).toHaveLength(expected);
      for (const sender of senders.keys()) {
        const own = seen.filter((entry) => entry.at(0) === sender).map((entry) => [entry.at(1), entry.at(2)]);
        expect(own).toEqual(Array.from({ length: ROUNDS }, (_, round) => [round, sizes(sender, round)]));
      }

      // The same from there.
      evalWith(
        `[spawn(fun() -> [P ! {S, N, binary:copy(<<S>>, case (S + N) rem 3 of 0 -> 150000; _ -> 10 end)}
           || N <- lists:seq(0, ${ROUNDS - 1})] end) || S <- lists:seq(0, ${SENDERS - 1})]`,
      );
      const next = new Array<number>(SENDERS).fill(0);
      for (let left = expected; left > 0; left--) {
        const message = (await self.receive(undefined, { timeoutMs: 20_000 })) as Tuple;
        const [sender, round, data] = message.elements as readonly [number, number, Uint8Array];
        expect(round).toBe(next[sender]);
        expect(data.length).toBe(sizes(sender, round));
        expect(data.every((byte) => byte === sender)).toBe(true);
        next[sender] = round + 1;
      }
    });

    it("[C36] sends no native record to a node that would close on it", async () => {
      const record = new NativeRecord(atom("m"), atom("r"), true, [atom("x")], [1]);
      const { flags } = await node.connect(erl.name);
      if ((flags & DFLAG.NATIVE_RECORDS) === 0n) {
        expect(() => node.send({ name: "echo", node: erl.name }, tuple(self.pid, record))).toThrow(
          expect.objectContaining({ code: "unsupported_by_peer" }),
        );
      } else {
        expect(await echo(record)).toEqual(record);
      }
    });

    /** Evaluates there, with `P` for the pid of our process and other variables. */
    function evalWith(expressions: string, others: Readonly<Record<string, Term>> = {}): void {
      const bindings = Object.entries({ P: self.pid, ...others }).map(([name, value]) => tuple(atom(name), value));
      self.send({ name: "evaluator", node: erl.name }, tuple(expressions, bindings));
    }
  });
});

function start(options: Partial<NodeOptions>): Promise<ErlangNode> {
  return ErlangNode.start({ name: `modes${process.pid}x${++count}@127.0.0.1`, cookie: "secret", ...options });
}

async function startRemote(connect: Connector): Promise<BareNode> {
  const { port1, port2 } = new MessageChannel();
  serveControllers(port2, () => connect);
  const controllers = remoteControllers(port1, undefined);
  const node = await startNode({ name: `modes${process.pid}x${++count}@127.0.0.1`, cookie: "secret" }, controllers);
  stops.push(() => port1.close());
  return node;
}

function pattern(bytes: number): Uint8Array {
  const data = new Uint32Array(Math.ceil(bytes / 4)).map((_, index) => Math.imul(index, 0x9e3779b1));
  return new Uint8Array(data.buffer, 0, bytes);
}

/** toEqual takes its time with millions of bytes. */
function isSame(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0;
}
