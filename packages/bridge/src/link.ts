// One WebSocket, from its acceptance until nothing is left of it, and the node's connection behind it. A link ends once: the
// first reason counts, wherever it comes from. Then both ends send what they have, close, and the record is written.
import type { WebSocket } from "ws";
import { type Asked, refusalEnding } from "./admission.ts";
import { dialEnding } from "./dial.ts";
import type { BridgeLimits } from "./limits.ts";
import { type Ending, endingOf, type LinkRecord } from "./link-record.ts";
import { NodeEnd } from "./node-end.ts";
import { PageEnd } from "./page-end.ts";
import type { Connected, Rest, Side, Stage } from "./policy/index.ts";
import { Pump } from "./pump.ts";
import { ReframeStage } from "./reframe-stage.ts";
import type { Dial, StageFactory, Target } from "./target.ts";
import { beatTimeMs, isTicks, Streak, Watch } from "./watch.ts";

/** One direction's counters. */
export interface Flow {
  /** Bytes passed on so far. */
  readonly bytes: number;
  /** Bytes that wait in this process for the receiver. */
  readonly bufferedBytes: number;
  readonly peakBufferedBytes: number;
  /** The sender waits. */
  readonly paused: boolean;
}

export interface LinkOptions {
  readonly id: number;
  readonly asked: Asked;
  readonly limits: BridgeLimits;
  /** What stands between the two ends, if anything. */
  readonly stage?: StageFactory | undefined;
  /** Called once, when the link holds nothing any more. */
  readonly gone: (link: Link, record: LinkRecord) => void;
}

export class Link {
  readonly id: number;
  readonly asked: Asked;
  readonly #limits: BridgeLimits;
  readonly #gone: LinkOptions["gone"];
  readonly #page: PageEnd;
  readonly #node: NodeEnd;
  readonly #toNode: Pump;
  readonly #toPage: Pump;
  readonly #started: number = performance.now();
  #dialing: AbortController | undefined;
  readonly #watch: Watch;
  readonly #pageLinger: Streak;
  readonly #nodeLinger: Streak;
  readonly #beatMs: number;
  readonly #pingBeats: number;
  /** Until the link is open, or it would hold all that let the page in. */
  #makeStage: StageFactory | undefined;
  #stage: Stage | undefined;
  /** What is left of the stage. */
  #rest: Rest | undefined;
  #connected: Connected | undefined;
  #active = false;
  #beats = 0;
  #target: Target | undefined;
  #dialMs: number | undefined;
  #handshakeMs: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #ending: Ending | undefined;
  #endsLeft = 2;

  constructor(socket: WebSocket, { id, asked, limits, stage, gone }: LinkOptions) {
    this.id = id;
    this.asked = asked;
    this.#limits = limits;
    this.#gone = gone;
    this.#makeStage = stage;
    const beatMs = beatTimeMs(limits);
    this.#beatMs = beatMs;
    this.#watch = new Watch(limits, beatMs);
    this.#pageLinger = new Streak(limits.lingerTimeMs, beatMs);
    this.#nodeLinger = new Streak(limits.lingerTimeMs, beatMs);
    this.#pingBeats = Math.max(1, Math.floor(limits.pingTimeMs / beatMs));
    const { closeTimeMs } = limits;
    const lowBytes = limits.bufferedBytes / 2;
    const ended = (ending: Ending): void => this.#ended(ending);
    const endGone = (): void => this.#endGone();
    this.#page = new PageEnd(
      socket,
      { chunk: (chunk) => this.#chunk("page", chunk), room: () => this.#toPage.room(), ended, gone: endGone },
      lowBytes,
    );
    this.#node = new NodeEnd(
      { chunk: (chunk) => this.#chunk("node", chunk), room: () => this.#toNode.room(), ended, gone: endGone },
      { lowBytes, closeTimeMs },
    );
    this.#toNode = new Pump(this.#page, this.#node, limits.bufferedBytes);
    this.#toPage = new Pump(this.#node, this.#page, limits.bufferedBytes);
  }

  get target(): Target | undefined {
    return this.#target;
  }

  get toNode(): Flow {
    return flow(this.#toNode, this.#node.bufferedBytes);
  }

  get toPage(): Flow {
    return flow(this.#toPage, this.#page.bufferedBytes);
  }

  /** Dials the target, then relays; false if the link ended before. Never rejects: a node that is not reached ends the link. */
  async open(target: Target, dial: Dial): Promise<boolean> {
    this.#target = target;
    this.#stage = this.#makeStage?.(target, this.#now) ?? (target.tls && new ReframeStage());
    this.#makeStage = undefined;
    const { dialTimeMs } = this.#limits;
    const late = { ...endingOf("dialTimeout"), detail: `${target.node} was not reached in ${dialTimeMs} ms` };
    // A process that stood still finds its timers due before it has looked at its sockets.
    this.#timer = setTimeout(() => setImmediate(() => this.#node.isOpen || this.end(late)), dialTimeMs);
    const dialing = new AbortController();
    if (this.#ending !== undefined) dialing.abort();
    this.#dialing = dialing;
    try {
      const socket = await dial(target, dialing.signal);
      this.#dialing = undefined;
      this.#node.open(socket);
      this.#tellStage((stage) => stage.nodeReached(this.#now));
    } catch (error) {
      this.end(dialEnding(error));
    }
    if (this.#ending !== undefined) return false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#dialMs = this.#age();
    return true;
  }

  /** Ends the link, if nothing else has: both ends send what they have, and then close in good order. */
  end(ending: Ending): void {
    if (!this.#start(ending)) return;
    this.#page.end(ending);
    this.#node.end();
  }

  /** Ends the link for a page that does not take what comes: the node's processes must not wait for it. */
  drop(ending: Ending): void {
    this.#start(ending);
    this.#page.endSoon(ending);
    this.#node.cut();
  }

  /** Ends both connections at once, whatever is on the way. */
  cut(): void {
    this.#page.cut();
    this.#node.cut();
  }

  /** Call every `beatTimeMs(limits)`: pings the page when it is time, and ends the link if it has passed a limit. */
  beat(): void {
    this.#beats += 1;
    const { alive, taking } = this.#page.beat();
    const nodeTaking = this.#node.beat();
    if (this.#ending !== undefined) {
      // What is left for one side is no burden to the other: it may take its time, but must take something.
      if (this.#pageLinger.beat(!taking)) this.#page.cut();
      if (this.#nodeLinger.beat(!nodeTaking)) this.#node.cut();
      return;
    }
    const overdue = this.#watch.beat({
      ageMs: this.#age(),
      toPagePause: this.#toPage.paused ? this.#toPage.pauses : 0,
      toNodePause: this.#toNode.paused ? this.#toNode.pauses : 0,
      pageAlive: alive,
      active: this.#active,
    });
    this.#active = false;
    this.#beatStage();
    if (overdue === undefined) {
      if (this.#beats % this.#pingBeats === 0) this.#page.ping();
      return;
    }
    const ending = { ...endingOf(overdue.close), detail: overdue.detail };
    if (overdue.drop) this.drop(ending);
    else this.end(ending);
  }

  /** A clock that stands still while the process does. */
  get #now(): number {
    return this.#beats * this.#beatMs;
  }

  #chunk(from: Side, chunk: Buffer): void {
    this.#active ||= !isTicks(chunk);
    if (this.#stage !== undefined) this.#tellStage((stage) => stage.receive(from, chunk));
    else if (from === "node") this.#toPage.chunk(chunk);
    else if (this.#rest === undefined || this.#inspected(this.#rest, chunk)) this.#toNode.chunk(chunk);
  }

  /** False when the link ends in place of what was in the chunk. */
  #inspected(rest: Rest, chunk: Buffer): boolean {
    try {
      const refusal = rest.inspect?.(chunk);
      if (refusal === undefined) return true;
      this.end(refusalEnding(refusal));
    } catch (error) {
      this.#broke(error);
    }
    return false;
  }

  /** Tells the stage something, if there is one, and does what it says to that. One that breaks ends its own link, and no other. */
  #tellStage(tell: (stage: Stage) => void): void {
    if (this.#stage === undefined) return;
    try {
      tell(this.#stage);
      this.#pass(this.#stage);
    } catch (error) {
      this.#broke(error);
    }
  }

  #broke(error: unknown): void {
    // Not the message: it may hold what was said.
    this.end({ ...endingOf("internal"), detail: `the stage broke: ${error instanceof Error ? error.name : typeof error}` });
  }

  #pass(stage: Stage): void {
    for (let chunk = stage.takeOutbound("node"); chunk !== undefined; chunk = stage.takeOutbound("node"))
      this.#toNode.chunk(chunk);
    for (let chunk = stage.takeOutbound("page"); chunk !== undefined; chunk = stage.takeOutbound("page"))
      this.#toPage.chunk(chunk);
    this.#connected ??= stage.connected;
    if (this.#connected !== undefined) this.#handshakeMs ??= this.#age();
    if (stage.refusal !== undefined) this.end(refusalEnding(stage.refusal));
    else if (stage.rest !== undefined) {
      this.#rest = stage.rest;
      this.#stage = undefined;
    }
  }

  #beatStage(): void {
    if ((this.#stage?.nextTimeout() ?? Infinity) > this.#now) return;
    this.#tellStage((stage) => stage.handleTimeout(this.#now));
  }

  /** One of the ends is over; the stage may know why. */
  #ended(ending: Ending): void {
    const { by } = ending;
    const refusal = this.#ending === undefined && by !== "bridge" ? this.#stage?.explainEnd(by) : undefined;
    this.end(refusal === undefined ? ending : refusalEnding(refusal, by));
  }

  /** False if the link is ending already. */
  #start(ending: Ending): boolean {
    if (this.#ending !== undefined) return false;
    this.#ending = ending;
    this.#dialing?.abort();
    clearTimeout(this.#timer);
    return true;
  }

  #endGone(): void {
    this.#endsLeft -= 1;
    if (this.#endsLeft > 0 || this.#ending === undefined) return;
    const { ip, origin, target, subject } = this.asked;
    this.#gone(this, {
      link: this.id,
      ip,
      origin,
      target,
      node: this.#target?.node,
      subject,
      name: this.#connected?.name,
      ...this.#ending,
      toNodeBytes: this.#toNode.bytes,
      toPageBytes: this.#toPage.bytes,
      dialMs: this.#dialMs,
      handshakeMs: this.#handshakeMs,
      durationMs: this.#age(),
    });
  }

  /** Milliseconds, whole. */
  #age(): number {
    return Math.round(performance.now() - this.#started);
  }
}

function flow(pump: Pump, bufferedBytes: number): Flow {
  return { bytes: pump.bytes, bufferedBytes, peakBufferedBytes: pump.peakBytes, paused: pump.paused };
}
