// A shell without a terminal, for screen readers and small screens: we are the group leader, so the shell asks for a line and prints
// text, and no cursor moves. Editing and history are the page's.
import { atom, erpc, type IoInputText, ioServer, type IoServer, Pid, type Process, Tuple } from "@erl-dist/core";
import type { DeadMan } from "../remote/dead-men.ts";
import type { RemoteNode } from "../remote/remote-node.ts";
import { complete, type Completion } from "./complete.ts";
import { findDialect, type ShellKind } from "./dialect.ts";
import { endEvaluators, guardEvaluators } from "./evaluators.ts";
import type { ShellEnd } from "./remote-shell.ts";

export interface LineShellOptions {
  readonly shell?: ShellKind | "auto" | undefined;
  /** Text that was printed. Whoever printed it goes on when this has resolved. */
  readonly print: (text: string) => void | Promise<void>;
  /** The shell, or what it runs, wants a line. */
  readonly ask: (prompt: string) => void;
}

const EXIT = atom("EXIT");
const KILL = atom("kill");

export class LineShell {
  readonly kind: ShellKind;
  readonly ended: Promise<ShellEnd>;
  readonly #remote: RemoteNode;
  readonly #self: Process;
  readonly #device: IoServer;
  readonly #pid: Pid;
  readonly #deadMan: DeadMan;
  readonly #end: PromiseWithResolvers<ShellEnd> = Promise.withResolvers();

  /** Rejects with a TypeError when the node has no such shell, and as calls do. */
  static async start(remote: RemoteNode, options: LineShellOptions): Promise<LineShell> {
    const dialect = await findDialect(remote, options.shell ?? "auto");
    const self = remote.local.spawn();
    self.trapExit = true;
    const lines = new Lines(options.ask);
    const device = ioServer(remote.local, { write: options.print, read: (prompt) => lines.next(prompt) });
    self.groupLeader = device.pid;
    try {
      // {Module, Function, Arguments}
      const [module, fun, args] = dialect.shell.elements as readonly [ReturnType<typeof atom>, ReturnType<typeof atom>, never];
      const pid = await erpc.call(self, remote.name, module, fun, args);
      if (!(pid instanceof Pid)) throw new TypeError(`${module.name}:${fun.name} on ${remote.name} gave no pid`);
      self.link(pid);
      return new LineShell(dialect.kind, remote, self, device, pid, await guardEvaluators(remote, pid), lines);
    } catch (error) {
      device.stop();
      if (self.isAlive) self.exit(atom("normal"));
      throw error;
    }
  }

  readonly #lines: Lines;

  private constructor(
    kind: ShellKind,
    remote: RemoteNode,
    self: Process,
    device: IoServer,
    pid: Pid,
    deadMan: DeadMan,
    lines: Lines,
  ) {
    this.kind = kind;
    this.#remote = remote;
    this.#self = self;
    this.#device = device;
    this.#pid = pid;
    this.#deadMan = deadMan;
    this.#lines = lines;
    this.ended = this.#end.promise;
    void this.#watch();
  }

  /** A line, or several. What nobody has asked for is kept until somebody does. */
  enter(text: string): void {
    this.#lines.add(text);
  }

  /** What the line could go on with, of which this stands before the cursor. Rejects as calls do. */
  complete(before: string): Promise<Completion> {
    return complete(this.#remote, this.kind, this.#pid, before);
  }

  interrupt(): void {
    if (!this.#remote.isConnected || !this.#self.isAlive) return;
    this.#self.exit(this.#pid, atom("interrupt"));
    // Who was reading has gone, and would get the next line.
    this.#lines.release();
  }

  async close(): Promise<void> {
    if (this.#remote.isConnected && this.#self.isAlive) {
      // First what it evaluates, which knows it as its parent.
      await this.#endEvaluators();
      if (this.#self.isAlive) this.#self.exit(this.#pid, KILL);
    } else await this.#finish(atom("noconnection"));
    await this.ended;
  }

  async #watch(): Promise<void> {
    for await (const message of this.#self) {
      if (message instanceof Tuple && message.at(0) === EXIT && String(message.at(1)) === String(this.#pid)) {
        await this.#finish(message.at(2));
      }
    }
    await this.#finish(atom("shutdown"));
  }

  async #endEvaluators(): Promise<void> {
    try {
      await endEvaluators(this.#remote, this.#pid);
    } catch {
      // The node has gone meanwhile, and its processes with it; or the connection, which the dead man is for.
    }
  }

  async #finish(reason: ShellEnd["reason"]): Promise<void> {
    if (this.#remote.isConnected) await this.#endEvaluators();
    if (this.#remote.isConnected) this.#deadMan.disarm();
    this.#lines.end();
    this.#device.stop();
    if (this.#self.isAlive) this.#self.exit(atom("normal"));
    this.#end.resolve({ reason });
  }
}

/** Lines that were typed, for whoever asks. */
class Lines {
  readonly #typed: string[] = [];
  readonly #ask: (prompt: string) => void;
  #waiting: ((line: IoInputText) => void) | undefined;

  constructor(ask: (prompt: string) => void) {
    this.#ask = ask;
  }

  next(prompt: string): Promise<IoInputText> {
    this.#ask(prompt);
    const line = this.#typed.shift();
    if (line !== undefined) return Promise.resolve(line);
    return new Promise((resolve) => (this.#waiting = resolve));
  }

  add(text: string): void {
    this.#typed.push(...text.replace(/\r\n?/g, "\n").split("\n"));
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    this.#waiting = undefined;
    waiting(this.#typed.shift());
  }

  /** Whoever waits gets an empty line. */
  release(): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.("");
  }

  /** Never the end of a file: that would stop some nodes. */
  end(): void {
    this.#waiting?.(undefined);
  }
}
