// One WebSocket, from its acceptance until nothing is left of it, and the node's connection behind it. A link ends once: the
// first reason counts, wherever it comes from. Then both ends send what they have, close, and the record is written.
import type { WebSocket } from "ws";
import type { Asked } from "./admission.ts";
import type { BridgeLimits } from "./config.ts";
import { dialEnding } from "./dial.ts";
import { type Ending, endingOf, type LinkRecord } from "./link-record.ts";
import { NodeEnd } from "./node-end.ts";
import { PageEnd } from "./page-end.ts";
import { Pump } from "./pump.ts";
import type { Dial, Target } from "./target.ts";

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
  readonly #dialing = new AbortController();
  #target: Target | undefined;
  #dialMs: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #ending: Ending | undefined;
  #endsLeft = 2;

  constructor(socket: WebSocket, { id, asked, limits, gone }: LinkOptions) {
    this.id = id;
    this.asked = asked;
    this.#limits = limits;
    this.#gone = gone;
    const lowBytes = limits.bufferedBytes / 2;
    const ended = (ending: Ending): void => this.end(ending);
    const endGone = (): void => this.#endGone();
    this.#page = new PageEnd(
      socket,
      { chunk: (chunk) => this.#toNode.chunk(chunk), room: () => this.#toPage.room(), ended, gone: endGone },
      lowBytes,
    );
    this.#node = new NodeEnd(
      { chunk: (chunk) => this.#toPage.chunk(chunk), room: () => this.#toNode.room(), ended, gone: endGone },
      lowBytes,
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
    const { dialTimeMs } = this.#limits;
    this.#timer = setTimeout(() => {
      this.end({ ...endingOf("dialTimeout"), detail: `${target.node} was not reached in ${dialTimeMs} ms` });
    }, dialTimeMs);
    try {
      const socket = await dial(target, this.#dialing.signal);
      this.#node.open(socket);
    } catch (error) {
      this.end(dialEnding(error));
    }
    if (this.#ending !== undefined) return false;
    clearTimeout(this.#timer);
    this.#dialMs = this.#age();
    return true;
  }

  /** Ends the link, if nothing else has: both ends send what they have, for as long as the limits give them. */
  end(ending: Ending): void {
    if (!this.#start(ending)) return;
    this.#timer = setTimeout(() => this.#node.cut(), this.#limits.closeTimeMs);
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

  /** Call at intervals: pings the page, and ends the link if it has answered nothing since the last time. */
  beat(): void {
    if (!this.#page.beat()) this.drop({ ...endingOf("tooSlow"), detail: `no pong in ${this.#limits.pingTimeMs} ms` });
  }

  /** False if the link is ending already. */
  #start(ending: Ending): boolean {
    if (this.#ending !== undefined) return false;
    this.#ending = ending;
    this.#dialing.abort();
    clearTimeout(this.#timer);
    return true;
  }

  #endGone(): void {
    this.#endsLeft -= 1;
    if (this.#endsLeft > 0 || this.#ending === undefined) return;
    clearTimeout(this.#timer);
    const { ip, origin, target } = this.asked;
    this.#gone(this, {
      link: this.id,
      ip,
      origin,
      target,
      node: this.#target?.node,
      ...this.#ending,
      toNodeBytes: this.#toNode.bytes,
      toPageBytes: this.#toPage.bytes,
      dialMs: this.#dialMs,
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
