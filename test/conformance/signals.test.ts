// Links, monitors, exits, aliases and their order, with real nodes.
import { atom, type ErlangNode, type Pid, type Term, type Tuple, tuple } from "@erl-dist/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Epmd, type ErlNode, releases, startEpmd, startErl } from "../support/otp.ts";
import { startNode } from "./support/node.ts";

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
