// Two connections and a clock: what one writes the other reads, and time passes when the test says so.
import {
  allForms,
  Connection,
  type ConnectionEvent,
  type ControlMessage,
  type PacketsFor,
  type SignalEvent,
} from "../../src/distribution/index.ts";
import { atom, Pid, type Term } from "../../src/etf/index.ts";
import { Acceptor, Initiator } from "../../src/handshake/index.ts";
import { DEFAULT_LIMITS, type Limits } from "../../src/limits.ts";
import { type Mode, PASS_THROUGH_MODE } from "./distribution-modes.ts";

export const TICK_TIME_MS = 60_000;
export const pagePid: Pid = new Pid(atom("page@browser"), 1, 0, 77_777);
export const appPid: Pid = new Pid(atom("app@host"), 2, 0, 88_888);

/** How the bytes of one write arrive. */
export type Split = (bytes: Uint8Array) => Iterable<Uint8Array>;
export const whole: Split = (bytes) => [bytes];
export const eachByte: Split = (bytes) => Array.from(bytes, (byte) => Uint8Array.of(byte));
export const inThrees: Split = function* (bytes) {
  for (let start = 0; start < bytes.length; start += 3) yield bytes.subarray(start, start + 3);
};

/** One side of a conversation, and what happened to it. */
export class Side {
  readonly connection: Connection;
  readonly events: ConnectionEvent[] = [];
  /** A side whose timers do not fire, as in a background tab. */
  hasTimers = true;
  readonly #acceptor: Acceptor | undefined;

  constructor(connection: Connection, acceptor?: Acceptor) {
    this.connection = connection;
    this.#acceptor = acceptor;
  }

  take(now: number): void {
    for (let event = this.connection.nextEvent(now); event !== undefined; event = this.connection.nextEvent(now)) {
      this.events.push(event);
      if (event.type === "name") this.#acceptor?.answer({ status: "ok", cookie: "secret" });
    }
  }

  get signals(): ControlMessage[] {
    return this.#signalEvents().map(({ control }) => control);
  }

  get payloads(): (Term | undefined)[] {
    return this.#signalEvents().map(({ payload }) => payload);
  }

  get ticks(): number {
    return this.events.filter(({ type }) => type === "tick").length;
  }

  get last(): ConnectionEvent | undefined {
    return this.events.at(-1);
  }

  #signalEvents(): SignalEvent[] {
    return this.events.filter((event) => event.type === "signal");
  }
}

export interface ConversationOptions {
  readonly split?: Split;
  readonly mode?: Mode;
  readonly limits?: Partial<Limits>;
  readonly appTickTimeMs?: number;
  /** What each write may have at most, where fragments allow it. */
  readonly maxBytes?: number;
  /** How the page writes and reads packets, where that is not in all forms. */
  readonly pagePackets?: PacketsFor;
}

export class Conversation {
  readonly page: Side;
  readonly app: Side;
  now = 0;
  readonly #split: Split;
  readonly #maxBytes: number | undefined;

  constructor({
    split = whole,
    mode = PASS_THROUGH_MODE,
    limits,
    appTickTimeMs = TICK_TIME_MS,
    maxBytes,
    pagePackets,
  }: ConversationOptions = {}) {
    this.#split = split;
    this.#maxBytes = maxBytes;
    const { flags, usesAtomCache } = mode;
    const handshake = { flags, packetBytes: 2, now: 0, stepTimeMs: 7_000, handshakeBytes: 4_096 } as const;
    const allLimits = { ...DEFAULT_LIMITS, ...limits };
    const common = { limits: allLimits, now: 0, packets: allForms(allLimits, { usesAtomCache }) };
    const peer = { peer: "app@host", cookie: "secret" };
    const initiator = new Initiator({ ...handshake, ...peer, name: "page@browser", creation: 77_777, challenge: 1 });
    const acceptor = new Acceptor({ ...handshake, name: "app@host", creation: 88_888, challenge: 2 });
    this.page = new Side(
      new Connection({ ...common, packets: pagePackets ?? common.packets, handshake: initiator, tickTimeMs: TICK_TIME_MS }),
    );
    this.app = new Side(new Connection({ ...common, handshake: acceptor, tickTimeMs: appTickTimeMs }), acceptor);
  }

  /** Carries bytes until both have nothing more to say. */
  settle(): this {
    for (let moved = true; moved; ) {
      moved = this.carry(this.page, this.app);
      moved = this.carry(this.app, this.page) || moved;
    }
    return this;
  }

  /** Lets time pass, firing timers when they are due and carrying what they cause. */
  advance(ms: number): void {
    const end = this.now + ms;
    for (;;) {
      const sides = [this.page, this.app].filter(({ hasTimers }) => hasTimers);
      const due = Math.min(...sides.map(({ connection }) => connection.nextTimeout() ?? Infinity));
      if (due > end) break;
      this.now = Math.max(this.now, due);
      for (const side of sides) {
        if ((side.connection.nextTimeout() ?? Infinity) > this.now) continue;
        side.connection.handleTimeout(this.now);
        side.take(this.now);
      }
      this.settle();
    }
    this.now = end;
  }

  /** One write from one side to the other; false when there was nothing to write. */
  carry(from: Side, to: Side): boolean {
    from.take(this.now);
    const bytes = from.connection.takeOutbound(this.#maxBytes);
    if (bytes === undefined) return false;
    for (const chunk of this.#split(bytes)) {
      to.connection.receive(chunk);
      to.take(this.now);
    }
    return true;
  }
}
