// The controller and the workers of signal_program.erl for a node of ours, by its public API.
import {
  type Destination,
  ErlangError,
  type ErlangNode,
  type MonitorOptions,
  Pid,
  type Process,
  type Reference,
  type Term,
  Tuple,
  atom,
  equals,
  format,
  tuple,
} from "../../src/index.ts";

const MODULE = "signal_program";
const OBSERVED = atom("observed");
const ENDED = atom("ended");
const BADARG = atom("badarg");

/** Serves a conductor on another node, until the node stops. */
export function startController(node: ErlangNode): void {
  const controller = node.spawn(async (self) => {
    const live = new Live(node, self);
    for (;;) {
      // {From, Ref, Request}
      const message = await self.receive((each) => each instanceof Tuple && each.length === 3 && each.at(0) instanceof Pid);
      const [from, ref, request] = (message as Tuple).elements as readonly [Pid, Reference, Term];
      self.send(from, tuple(ref, await live.answer(request)));
    }
  });
  controller.register(MODULE);
  node.expose(MODULE, {
    worker(pid: Term) {
      // The conductor knows its controllers.
      return worker(node, this, pid as Pid);
    },
  });
}

/** The workers of a controller that have not ended, with its own monitors of them. */
class Live {
  readonly #node: ErlangNode;
  readonly #self: Process;
  readonly #monitors = new Map<string, { readonly pid: Pid; readonly monitor: Reference }>();

  constructor(node: ErlangNode, self: Process) {
    this.#node = node;
    this.#self = self;
  }

  async answer(request: Term): Promise<Term> {
    const [verb, ...args] = request instanceof Tuple ? request.elements : [request];
    switch (format(verb as Term)) {
      case "start": {
        const workers = Array.from({ length: Number(args[0]) }, () =>
          this.#node.spawn((self) => worker(this.#node, self, this.#self.pid)),
        );
        for (const { pid } of workers) this.#adopt(pid);
        return tuple(
          this.#self.pid,
          workers.map(({ pid }) => pid),
        );
      }
      case "adopt":
        this.#adopt(args[0] as Pid);
        return atom("ok");
      case "do":
        return this.#ask(args[0] as Pid, tuple(atom("do"), args[1] as Term));
      case "disconnect":
        await this.#node.disconnect(format(args[0] as Term).replaceAll("'", ""));
        await this.#sync();
        return this.#ask(args[1] as Pid, tuple(atom("do"), args[2] as Term));
      case "settle": {
        await this.#sync();
        return this.#reports();
      }
      case "stop": {
        for (const { pid } of this.#monitors.values()) this.#self.exit(pid, atom("kill"));
        await this.#sync();
        await this.#reports();
        return atom("ok");
      }
      default:
        throw new TypeError(`no request: ${format(request)}`);
    }
  }

  #adopt(pid: Pid): void {
    this.#monitors.set(format(pid), { pid, monitor: this.#self.monitor(pid) });
  }

  async #sync(): Promise<void> {
    for (const { pid } of this.#monitors.values()) await this.#ask(pid, atom("sync"));
  }

  /** What the worker answers, or that it died. */
  async #ask(pid: Pid, request: Term): Promise<Term> {
    const known = this.#monitors.get(format(pid));
    if (known === undefined) return atom("dead");
    const ref = this.#self.makeRef();
    this.#self.send(pid, tuple(this.#self.pid, ref, request));
    const answer = (await this.#self.receive((each) => isAbout(each, 0, ref) || isAbout(each, 1, known.monitor))) as Tuple;
    if (answer.length === 2) return answer.at(1);
    // For #reports.
    this.#self.send(this.#self.pid, answer);
    return atom("died");
  }

  async #reports(): Promise<Term> {
    const reports: Term[] = [];
    while (this.#self.messageQueueLength > 0) {
      const message = (await this.#self.receive()) as Tuple;
      const isDown = message.length === 5;
      const who = message.at(isDown ? 3 : 1) as Pid;
      const what = isDown ? tuple(ENDED, message.at(4)) : message.at(2);
      if (isDown) this.#monitors.delete(format(who));
      reports.push(tuple(who, what));
    }
    return reports;
  }
}

/** A tuple with the reference at that place. */
function isAbout(message: Term, index: number, ref: Reference): boolean {
  return message instanceof Tuple && message.length > index && equals(message.at(index), ref);
}

async function worker(node: ErlangNode, self: Process, controller: Pid): Promise<void> {
  for (;;) {
    const message = await self.receive();
    const [from, ref, request] = message instanceof Tuple ? message.elements : [];
    if (!(from instanceof Pid) || !equals(from, controller)) {
      self.send(controller, tuple(OBSERVED, self.pid, message));
    } else if (request instanceof Tuple) {
      const command = request.at(1);
      if (command === atom("return")) return;
      self.send(controller, tuple(ref as Term, await execute(node, self, command)));
    } else {
      self.send(controller, tuple(ref as Term, atom("ok")));
    }
  }
}

/** What the command returns, or the reason of the error that Erlang would raise. */
async function execute(node: ErlangNode, self: Process, command: Term): Promise<Term> {
  const [verb, ...args] = command instanceof Tuple ? command.elements : [command];
  try {
    return (await apply(node, self, format(verb as Term), args)) ?? true;
  } catch (error) {
    if (error instanceof RangeError) return BADARG;
    if (error instanceof ErlangError && error.class === "error") return error.reason;
    throw error;
  }
}

function apply(node: ErlangNode, self: Process, verb: string, args: readonly Term[]): Term | undefined | Promise<Term> {
  // The conductor gives each command what it takes.
  const [first, second, third, fourth] = args as readonly [Term, Term, Term, Term];
  switch (verb) {
    case "nothing":
      return undefined;
    case "link":
      self.link(first as Pid);
      return undefined;
    case "unlink":
      self.unlink(first as Pid);
      return undefined;
    case "monitor": {
      const alias = format(second);
      return self.monitor(first as Destination, alias === "none" ? {} : ({ alias } as MonitorOptions));
    }
    case "demonitor":
      return self.demonitor(first as Reference, { flush: second as boolean });
    case "send":
      for (const message of second as Term[]) self.send(first as Destination, message);
      return undefined;
    case "exit":
      if (args.length === 1) self.exit(first);
      else self.exit(first as Pid, second);
      return undefined;
    case "trap_exit":
      self.trapExit = first as boolean;
      return undefined;
    case "register":
      // A process of ours may have several names, one of Erlang's only one.
      if (self.names.length > 0) return BADARG;
      self.register(format(first));
      return undefined;
    case "unregister":
      return node.unregister(format(first)) || BADARG;
    case "alias":
      return self.alias({ reply: format(first) === "reply" });
    case "unalias":
      return self.unalias(first as Reference);
    case "spawn":
      return spawn(self, format(first).replaceAll("'", ""), format(second), third as Term[], fourth as Term[]);
    default:
      throw new TypeError(`no command: ${verb}`);
  }
}

async function spawn(self: Process, peer: string, fun: string, args: readonly Term[], options: readonly Term[]): Promise<Term> {
  const has = (option: string): boolean => options.includes(atom(option));
  const request = self.spawnRequest(peer, MODULE, fun, args, { link: has("link"), monitor: has("monitor") });
  const pid = await request;
  return has("monitor") ? tuple(pid, request.id) : pid;
}
