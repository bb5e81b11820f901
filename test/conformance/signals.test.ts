// Links, monitors, exits, aliases and their order, with real nodes.
import { atom, decode, encode, ErlangNode, Pid, type Reference, type Term, type Tuple, tuple } from "@erl-dist/core";
import { tcp } from "@erl-dist/core/transports/nodejs";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type Epmd, type ErlNode, releases, startEpmd, startErl } from "../support/otp.ts";
import { dialAs, packetsOf, passThrough } from "./support/fake-peer.ts";
import { freshName, startNode } from "./support/node.ts";

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

  /** A connected node of ours, whose process `here` the expressions of the test can send to. */
  async function start(): Promise<{ node: ErlangNode; self: ReturnType<ErlangNode["spawn"]> }> {
    const node = await startNode(epmd.portNo);
    const self = node.spawn();
    self.register("here");
    await node.connect(erl.name);
    return { node, self };
  }

  it("[C41] tells a linked process how ours ended: normally, with an error, killed", async () => {
    const { node, self } = await start();
    await erl.eval(`Here = {here, '${node.name}'}, register(linker, spawn(fun() -> process_flag(trap_exit, true),
      (fun F() -> receive {link, P} -> link(P), Here ! linked; {'EXIT', _, R} -> Here ! {told, R} end, F() end)() end)), ok`);
    for (const [reason, told] of [
      ["normal", "normal"],
      ["bang", "bang"],
      ["kill", "killed"],
    ] as const) {
      const ours = node.spawn();
      self.send({ name: "linker", node: erl.name }, tuple(atom("link"), ours.pid));
      expect(await self.receive()).toBe(atom("linked"));
      if (reason === "kill") self.exit(ours.pid, atom("kill"));
      else ours.exit(atom(reason));
      expect(await self.receive()).toEqual(tuple(atom("told"), atom(told)));
    }
    await erl.eval("exit(whereis(linker), kill)");
  });

  it("[C43] answers a link to a dead process of ours with noproc", async () => {
    const { node, self } = await start();
    const dead = node.spawn();
    dead.exit(atom("normal"));
    await erl.eval(`register(linker, spawn(fun() -> process_flag(trap_exit, true), receive P -> link(P) end,
      receive {'EXIT', P, R} -> {here, '${node.name}'} ! {exit, R} end end)), ok`);
    self.send({ name: "linker", node: erl.name }, dead.pid);
    expect(await self.receive()).toEqual(tuple(atom("exit"), atom("noproc")));
  });

  it("[C45] is unlinked with any id below 2^64, and acknowledges with that very id", async () => {
    const name = freshName();
    const peer = await dialAs({ name }, erl.name, erl.portNo);
    const target = decode(
      Buffer.from(
        JSON.parse(
          await erl.eval(
            "P = spawn(fun() -> receive ever -> ok end end), register(linked, P), base64:encode_to_string(term_to_binary(P))",
          ),
        ),
        "base64",
      ),
    ) as Pid;
    const ours = new Pid(atom(name), 1, 0, peer.result.creation);
    const ids = [1, 2 ** 32, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n];
    for (const id of ids) {
      await peer.write(passThrough(tuple(1, ours, target)));
      await peer.write(passThrough(tuple(35, id, ours, target)));
    }
    await expect
      .poll(() => packetsOf(peer.received()).map(({ control }) => control))
      .toEqual(ids.map((id) => tuple(36, id, target, ours)));
    expect(await erl.eval("{links, L} = process_info(whereis(linked), links), exit(whereis(linked), kill), L")).toBe("[]");
    await peer.close();
  });

  it("[C47] is silent about monitors that were taken back, on both sides", async () => {
    const { node, self } = await start();
    const ours = node.spawn();
    ours.register("watched");
    expect(
      await erl.eval(`R = monitor(process, {watched, '${node.name}'}), demonitor(R), demonitor(R),
        net_adm:ping('${node.name}'), R`),
    ).toContain("#Ref");
    ours.exit(atom("bang"));
    await erl.eval(`net_adm:ping('${node.name}')`);
    expect(await erl.eval("receive {'DOWN', _, _, _, _} = M -> M after 0 -> none end")).toBe("none");

    await erl.eval("register(there, spawn(fun() -> receive stop -> ok end end)), ok");
    const ref = self.monitor({ name: "there", node: erl.name });
    expect(self.demonitor(ref)).toBe(true);
    expect(self.demonitor(ref)).toBe(false);
    self.send({ name: "there", node: erl.name }, atom("stop"));
    expect(await node.ping(erl.name)).toBe(true);
    await expect(self.receive(undefined, { timeoutMs: 1 })).rejects.toThrow("no fitting message");
  });

  it("[C48] obeys exit/2 as Erlang's processes do", async () => {
    const { node, self } = await start();
    await erl.eval(`register(killer, spawn(fun F() -> receive {P, R} -> exit(P, R) end, F() end)), ok`);
    const signal = (pid: Pid, reason: string): void => self.send({ name: "killer", node: erl.name }, tuple(pid, atom(reason)));
    const plain = node.spawn();
    const trapping = node.spawn();
    trapping.trapExit = true;
    signal(plain.pid, "normal");
    signal(trapping.pid, "normal");
    signal(trapping.pid, "shutdown");
    const reasons = [await trapping.receive(), await trapping.receive()].map((message) => (message as Tuple).at(2));
    expect(reasons).toEqual([atom("normal"), atom("shutdown")]);
    expect(plain.isAlive).toBe(true);
    signal(plain.pid, "shutdown");
    expect(await plain.exited).toBe(atom("shutdown"));
    signal(trapping.pid, "kill");
    expect(await trapping.exited).toBe(atom("killed"));
    await erl.eval("exit(whereis(killer), kill)");
  });

  it("[C52] drops what is sent to an alias that has ended", async () => {
    const { node, self } = await start();
    await erl.eval(`register(sender, spawn(fun F() -> receive {A, M} -> A ! M, {here, '${node.name}'} ! sent end, F() end)), ok`);
    const there = { name: "sender", node: erl.name };
    const alias = self.alias();
    self.send(there, tuple(alias, atom("first")));
    expect([await self.receive(), await self.receive()]).toEqual([atom("first"), atom("sent")]);
    self.unalias(alias);
    self.send(there, tuple(alias, atom("second")));
    expect(await self.receive()).toBe(atom("sent"));
    // A call whose time is up has ended its alias: the late reply reaches nobody.
    await erl.eval(`register(late, spawn(fun() -> receive {'$gen_call', {_, [alias | A] = T}, _} ->
      receive now -> A ! {T, too_late}, {here, '${node.name}'} ! replied end end end)), ok`);
    await expect(node.call({ name: "late", node: erl.name }, atom("hello"), { timeoutMs: 20 })).rejects.toThrow("timeout");
    self.send({ name: "late", node: erl.name }, atom("now"));
    expect(await self.receive()).toBe(atom("replied"));
    await erl.eval("exit(whereis(sender), kill)");
  });

  it("[C54] takes traced signals as signals", async () => {
    const { node, self } = await start();
    await erl.eval(`spawn(fun() -> seq_trace:set_token(label, {my, label}),
      {here, '${node.name}'} ! {traced, self()} end), ok`);
    expect(((await self.receive()) as Tuple).at(0)).toBe(atom("traced"));
    expect(await node.ping(erl.name)).toBe(true);
  });

  it("[C56] keeps the order of each sender through 100,000 messages, by pid and by name, small and large", async () => {
    const { node, self } = await start();
    const senders = 20;
    const each = 5000;
    await erl.eval(`Here = {here, '${node.name}'},
      [spawn(fun() -> [Here ! {S, N, case N rem 500 of 0 -> binary:copy(<<0>>, 70000); _ -> ok end} || N <- lists:seq(1, ${each})] end)
       || S <- lists:seq(1, ${senders})], ok`);
    const last = new Map<Term, number>();
    for (let count = 0; count < senders * each; count++) {
      const [sender, number] = ((await self.receive()) as Tuple).elements as readonly [number, number];
      if (number !== (last.get(sender) ?? 0) + 1) throw new Error(`${number} of sender ${sender} came after ${last.get(sender)}`);
      last.set(sender, number);
    }
    expect([...last.values()]).toEqual(Array.from({ length: senders }, () => each));

    await erl.eval(
      `register(counter, spawn(fun() -> Count = fun F(N) -> receive {N, _} -> F(N + 1); {last, P} -> P ! N; Other -> P2 = Other, exit({order, N, P2}) end end, Count(0) end)), ok`,
    );
    const counter = { name: "counter", node: erl.name };
    for (let number = 0; number < 50_000; number++) {
      self.send(counter, tuple(number, number % 5000 === 0 ? new Uint8Array(70_000) : atom("ok")));
      if (number % 1000 === 0) await node.drained(erl.name);
    }
    self.send(counter, tuple(atom("last"), self.pid));
    expect(await self.receive()).toBe(50_000);
  });
});

// Older ones know no such signals, and close the connection on one.
describe.each(releases().filter(({ otp }) => Number(otp) >= 28))("OTP $otp, which has priority messages", (release) => {
  let erl: ErlNode;

  beforeAll(async () => {
    erl = await startErl({ release });
  });
  afterAll(() => erl.stop());

  it("[C53] has what it sends with priority taken: to an alias, with a trace token, and as an exit", async () => {
    const node = await ErlangNode.start({ name: freshName(), cookie: "secret", connect: tcp({ portNo: erl.portNo }) });
    onTestFinished(() => node.stop());
    const self = node.spawn();
    self.trapExit = true;
    await erl.eval(`register(urgent, spawn(fun() -> receive {P, A} ->
      erlang:send(A, plain, [priority]), erlang:send(P, to_pid, [priority]),
      seq_trace:set_token(label, 17), erlang:send(A, traced, [priority]), seq_trace:set_token([]),
      exit(P, to_pid, [priority]), exit(A, to_alias, [priority]) end end)), ok`);
    self.send({ name: "urgent", node: erl.name }, tuple(self.pid, self.alias()));
    const received = [];
    for (let count = 0; count < 5; count++) received.push(await self.receive());
    expect(received.slice(0, 3)).toEqual([atom("plain"), atom("to_pid"), atom("traced")]);
    expect(received.slice(3).map((exit) => [(exit as Tuple).at(0), (exit as Tuple).at(2)])).toEqual([
      [atom("EXIT"), atom("to_pid")],
      [atom("EXIT"), atom("to_alias")],
    ]);
    expect(node.nodes()).toEqual([erl.name]);
  });

  it("[C53] takes all flags from us, also in a large integer, and more elements than there are today", async () => {
    const [PRIO, TOKEN, ALIAS, NAME, EXIT] = [1, 2, 4, 8, 16];
    const name = freshName();
    const peer = await dialAs({ name }, erl.name, erl.portNo);
    const written =
      await erl.eval(`P = spawn(fun() -> process_flag(trap_exit, true), register(seen, self()), A = alias([priority]),
        (fun F(L) -> receive {alias, Q} -> Q ! A, F(L); {stop, Q} -> Q ! lists:reverse(L); {'EXIT', _, R} -> F([{exit, R} | L]); M -> F([M | L]) end end)([]) end),
      P ! {alias, self()}, base64:encode_to_string(term_to_binary({P, receive A -> A end}))`);
    const [pid, alias] = (decode(Buffer.from(JSON.parse(written), "base64")) as Tuple).elements as readonly [Pid, Reference];
    const ours = new Pid(atom(name), 1, 0, peer.result.creation);
    const token = tuple(1, 17, 1, ours, 0);
    const send = (flags: number | bigint, to: Term, payload: Term, ...more: readonly Term[]): Promise<void> =>
      peer.write(passThrough(tuple(37, flags, ours, to, ...more), encode(payload)));
    await send(0, pid, 1);
    await send(PRIO, pid, 2);
    await send(ALIAS, alias, 3);
    await send(ALIAS | PRIO, alias, 4);
    await send(NAME, atom("seen"), 5);
    await send(NAME | PRIO, atom("seen"), 6);
    await send(EXIT, pid, atom("a"));
    await send(EXIT | PRIO, pid, atom("b"));
    await send(EXIT | ALIAS, alias, atom("c"));
    await send(EXIT | ALIAS | PRIO, alias, atom("d"));
    await send(TOKEN | PRIO, pid, 7, token);
    await send(2n ** 70n, pid, 8);
    await send(0, pid, 9, atom("more"), atom("still more"));
    // Behind all of them, since they have one sender.
    await peer.write(passThrough(tuple(22, ours, pid), encode(tuple(atom("stop"), ours))));
    await expect.poll(() => packetsOf(peer.received()).length).toBe(1);
    const seen = packetsOf(peer.received())[0]?.message as readonly Term[];
    const exits = seen.filter((term) => typeof term !== "number");
    expect(seen.filter((term) => typeof term === "number").toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(exits).toHaveLength(4);
    for (const reason of ["a", "b", "c", "d"]) expect(exits).toContainEqual(tuple(atom("exit"), atom(reason)));
    await peer.close();
  });
});
