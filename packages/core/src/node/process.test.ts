import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { EncodeError, TimeoutError } from "../errors.ts";
import { atom, type Pid, type Reference, type Term, Tuple, tuple } from "../etf/index.ts";
import { memoryNetwork } from "../transports/memory.ts";
import { ErlangError } from "./erlang-error.ts";
import { ErlangNode } from "./node.ts";
import type { ProcessCrashEvent } from "./node-events.ts";

let node: ErlangNode;

beforeEach(async () => {
  node = await ErlangNode.start({ name: "a@memory", cookie: "secret", connect: memoryNetwork().connect });
});

afterEach(() => node.stop());

const normal = atom("normal");
const exit = (from: Pid, reason: Term): Tuple => tuple(atom("EXIT"), from, reason);
const down = (ref: Reference, object: Term, reason: Term): Tuple => tuple(atom("DOWN"), ref, atom("process"), object, reason);

describe("receive", () => {
  it("takes messages in order, and only those that fit", async () => {
    const self = node.spawn();
    for (const message of [1, atom("a"), 2, atom("b")]) self.send(self.pid, message);
    expect(await self.receive((message) => message === atom("b"))).toBe(atom("b"));
    expect(await self.receive((message): message is number => typeof message === "number")).toBe(1);
    expect(await self.receive()).toBe(atom("a"));
    expect(self.messageQueueLength).toBe(1);
  });

  it("waits for a message that fits, and leaves others to others", async () => {
    const self = node.spawn();
    const two = self.receive((message) => message === 2);
    const any = self.receive();
    for (const message of [1, 2, 3]) self.send(self.pid, message);
    expect([await any, await two, await self.receive()]).toEqual([1, 2, 3]);
  });

  it("gives what a pattern makes of the message", async () => {
    const self = node.spawn();
    const ok = {
      match: (message: Term) => (message instanceof Tuple && message.at(0) === atom("ok") ? { value: message.at(1) } : undefined),
    };
    self.send(self.pid, atom("other"));
    self.send(self.pid, tuple(atom("ok"), 5));
    const { value } = await self.receive(ok);
    expect(value).toBe(5);
  });

  it("ends with the time, with the caller's signal and with the filter's own error", async () => {
    const self = node.spawn();
    await expect(self.receive(undefined, { timeoutMs: 0 })).rejects.toThrow(TimeoutError);
    await expect(self.receive(undefined, { signal: AbortSignal.abort(new Error("no more")) })).rejects.toThrow("no more");
    const controller = new AbortController();
    const waiting = self.receive(undefined, { signal: controller.signal });
    controller.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    const failing = self.receive(() => {
      throw new Error("bad filter");
    });
    self.send(self.pid, 1);
    await expect(failing).rejects.toThrow("bad filter");
    expect(await self.receive()).toBe(1);
  });

  it("ends when a filter aborts the receive's signal or ends the process, and offers it nothing more", async () => {
    const self = node.spawn();
    self.send(self.pid, 1);
    const controller = new AbortController();
    const offered: Term[] = [];
    const aborting = self.receive(
      (message) => {
        offered.push(message);
        controller.abort(new Error("seen enough"));
        return false;
      },
      { signal: controller.signal },
    );
    await expect(aborting).rejects.toThrow("seen enough");
    self.send(self.pid, 2);
    expect(offered).toEqual([1]);
    expect([await self.receive(), await self.receive()]).toEqual([1, 2]);
    self.send(self.pid, 3);
    const ending = self.receive(() => {
      self.exit(atom("done"));
      return false;
    });
    await expect(ending).rejects.toMatchObject({ class: "exit", reason: atom("done") });
  });

  it("iterates until the process ends", async () => {
    const received: Term[] = [];
    const self = node.spawn(async (process) => {
      for await (const message of process) received.push(message);
    });
    for (const message of [1, 2, 3]) node.send(self.pid, message);
    const last = node.spawn();
    // What was sent before the exit signal is received before it.
    await expect.poll(() => received.length).toBe(3);
    last.exit(self.pid, atom("enough"));
    expect(await self.exited).toBe(atom("enough"));
    expect(received).toEqual([1, 2, 3]);
  });
});

describe("a process", () => {
  it("exits normal when its function returns, and with what it throws", async () => {
    const crashes: ProcessCrashEvent[] = [];
    node.addEventListener("processcrash", (event) => {
      crashes.push(event);
    });
    const reasonOf = (run: () => unknown): Promise<Term> => node.spawn(run).exited;
    const throws = (error: unknown) => (): never => {
      throw error;
    };
    expect(await reasonOf(() => 5)).toBe(normal);
    expect(await reasonOf(throws(new ErlangError("exit", atom("why"))))).toBe(atom("why"));
    expect(await reasonOf(throws(new ErlangError("error", atom("badarg"))))).toEqual(tuple(atom("badarg"), []));
    expect(await reasonOf(throws(new ErlangError("throw", 1)))).toEqual(tuple(tuple(atom("nocatch"), 1), []));
    const error = new TypeError("oops");
    expect(await reasonOf(throws(error))).toEqual(tuple(tuple(atom("js_error"), "TypeError", "oops"), []));
    expect(await reasonOf(throws(new ErlangError("exit", Number.NaN)))).toBe(atom("badarg"));
    expect(crashes.map((crash) => crash.error)).toContain(error);
    expect(crashes).toHaveLength(5);
  });

  it("is not there any more after it exited", async () => {
    const self = node.spawn();
    self.register("me");
    const alias = self.alias();
    self.exit(atom("done"));
    expect(self.isAlive).toBe(false);
    expect(await self.exited).toBe(atom("done"));
    expect(node.whereis("me")).toBeUndefined();
    await expect(self.receive()).rejects.toMatchObject({ class: "exit", reason: atom("done") });
    // Silent, as in Erlang.
    node.send(self.pid, 1);
    node.send(alias, 1);
    self.exit(atom("again"));
    expect(await self.exited).toBe(atom("done"));
    // Its function, should it still run, is told.
    for (const act of [() => self.send(self.pid, 1), () => self.link(self.pid), () => self.monitor("x"), () => self.alias()]) {
      expect(act).toThrow(ErlangError);
    }
  });

  it("does not exit with a reason that cannot be told", () => {
    const self = node.spawn();
    expect(() => self.exit(Number.NaN)).toThrow(EncodeError);
    expect(self.isAlive).toBe(true);
  });

  it("has names, each of which is one process's", () => {
    const [one, other] = [node.spawn(), node.spawn()];
    one.register("one");
    expect(node.whereis("one")).toBe(one.pid);
    expect(() => other.register("one")).toThrow(RangeError);
    expect(() => other.register("undefined")).toThrow(RangeError);
    expect(other.unregister("one")).toBe(false);
    expect(one.unregister("one")).toBe(true);
    node.register("one", other);
    expect(node.registered()).toContain("one");
  });

  it("takes messages to its alias until it gives that up", async () => {
    const self = node.spawn();
    const alias = self.alias();
    node.send(alias, 1);
    expect(self.unalias(alias)).toBe(true);
    expect(self.unalias(alias)).toBe(false);
    node.send(alias, 2);
    node.send(self.pid, 3);
    expect([await self.receive(), await self.receive()]).toEqual([1, 3]);
  });
});

describe("links", () => {
  it("carry an exit on, except a normal one", async () => {
    const [one, two, three] = [node.spawn(), node.spawn(), node.spawn()];
    one.link(two.pid);
    two.link(three.pid);
    const bystander = node.spawn();
    const quiet = node.spawn();
    bystander.link(quiet.pid);
    quiet.exit(normal);
    one.exit(atom("bang"));
    expect(await three.exited).toBe(atom("bang"));
    expect(bystander.isAlive).toBe(true);
  });

  it("become messages where exits are trapped", async () => {
    const self = node.spawn();
    self.trapExit = true;
    const [one, two] = [node.spawn(), node.spawn()];
    self.link(one.pid);
    two.link(self.pid);
    one.exit(normal);
    two.exit(atom("bang"));
    expect([await self.receive(), await self.receive()]).toEqual([exit(one.pid, normal), exit(two.pid, atom("bang"))]);
  });

  it("to nobody are answered with noproc, by an error where the caller does not trap exits", async () => {
    const self = node.spawn();
    const gone = node.spawn();
    gone.exit(normal);
    expect(() => self.link(gone.pid)).toThrow("error: noproc");
    expect(self.isAlive).toBe(true);
    self.trapExit = true;
    self.link(gone.pid);
    expect(await self.receive()).toEqual(exit(gone.pid, atom("noproc")));
  });

  it("are gone after unlink, and can be made again", async () => {
    const self = node.spawn();
    const other = node.spawn();
    self.link(other.pid);
    self.unlink(other.pid);
    other.link(self.pid);
    self.unlink(other.pid);
    self.link(other.pid);
    self.unlink(other.pid);
    other.exit(atom("bang"));
    expect(self.isAlive).toBe(true);
  });

  it("carry a chain of any length without a deep stack", async () => {
    const chain = Array.from({ length: 10_000 }, () => node.spawn());
    for (const [index, process] of chain.entries()) {
      const next = chain[index + 1];
      if (next !== undefined) process.link(next.pid);
    }
    chain[0]?.exit(atom("bang"));
    expect(await chain.at(-1)?.exited).toBe(atom("bang"));
  });
});

describe("exit signals", () => {
  it("kill what does not trap them; `kill` kills all, and is told as killed", async () => {
    const sender = node.spawn();
    const [plain, trapping, immune] = [node.spawn(), node.spawn(), node.spawn()];
    trapping.trapExit = true;
    const linked = node.spawn();
    linked.link(trapping.pid);
    sender.exit(immune.pid, normal);
    expect(immune.isAlive).toBe(true);
    sender.exit(plain.pid, atom("shutdown"));
    expect(await plain.exited).toBe(atom("shutdown"));
    sender.exit(trapping.pid, atom("shutdown"));
    expect(await trapping.receive()).toEqual(exit(sender.pid, atom("shutdown")));
    sender.exit(trapping.pid, atom("kill"));
    expect(await trapping.exited).toBe(atom("killed"));
    expect(await linked.exited).toBe(atom("killed"));
  });

  it("to oneself are obeyed even when normal", async () => {
    const self = node.spawn();
    self.exit(self.pid, normal);
    expect(await self.exited).toBe(normal);
  });
});

describe("monitors", () => {
  it("tell the reason, and name the process as they were asked to", async () => {
    const self = node.spawn();
    const target = node.spawn();
    target.register("target");
    const [byPid, byName] = [self.monitor(target.pid), self.monitor("target")];
    target.exit(atom("bang"));
    expect([await self.receive(), await self.receive()]).toEqual([
      down(byPid, target.pid, atom("bang")),
      down(byName, tuple(atom("target"), atom("a@memory")), atom("bang")),
    ]);
    const late = self.monitor(target.pid);
    const nobody = self.monitor("target");
    expect([await self.receive(), await self.receive()]).toEqual([
      down(late, target.pid, atom("noproc")),
      down(nobody, tuple(atom("target"), atom("a@memory")), atom("noproc")),
    ]);
  });

  it("are silent after demonitor; flush takes a message that came before", async () => {
    const self = node.spawn();
    const target = node.spawn();
    const ref = self.monitor(target.pid);
    expect(self.demonitor(ref)).toBe(true);
    expect(self.demonitor(ref)).toBe(false);
    const fired = self.monitor(target.pid, { tag: atom("GONE") });
    for (const message of [1, 2]) self.send(self.pid, message);
    target.exit(normal);
    self.send(self.pid, 3);
    expect(await self.receive()).toBe(1);
    self.demonitor(fired, { flush: true });
    expect(self.messageQueueLength).toBe(2);
    expect([await self.receive(), await self.receive()]).toEqual([2, 3]);
  });

  it("are aliases as long as they are asked to be", async () => {
    const self = node.spawn();
    const target = node.spawn();
    const once = self.monitor(target.pid, { alias: "reply_demonitor" });
    const whileMonitored = self.monitor(target.pid, { alias: "demonitor" });
    const forEver = self.monitor(target.pid, { alias: "explicit_unalias" });
    for (const alias of [once, once, whileMonitored, forEver]) node.send(alias, alias);
    target.exit(normal);
    for (const alias of [once, whileMonitored, forEver]) node.send(alias, tuple(alias));
    const messages: Term[] = [];
    while (self.messageQueueLength > 0) messages.push(await self.receive());
    expect(messages).toEqual([
      once,
      whileMonitored,
      forEver,
      down(whileMonitored, target.pid, normal),
      down(forEver, target.pid, normal),
      tuple(forEver),
    ]);
  });
});
