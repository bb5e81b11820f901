// The only meeting of protocol and I/O: carries bytes between one ByteStream and one Connection, keeps its deadlines,
// and gives its events to the node.
import type { Connection, ConnectionEvent, ControlMessage } from "../distribution/index.ts";
import { ConnectionError, type ProtocolError } from "../errors.ts";
import type { Term } from "../etf/index.ts";
import type { Limits } from "../limits.ts";
import type { ByteStream, DirectStream } from "../transports/byte-stream.ts";
import { MAX_TIMER_MS } from "./max-timer.ts";
import type { ReadGate } from "./read-gate.ts";

export interface DriverOptions {
  readonly stream: ByteStream;
  readonly connection: Connection;
  readonly gate: Pick<ReadGate, "isClosed" | "opened">;
  readonly limits: Pick<Limits, "outboundBytes" | "backlogBytes">;
  /** Called for each event, in order; the last one is "failed" or "closed". */
  readonly onEvent: (event: ConnectionEvent) => void;
}

/** Of a large message no more goes into one write, so that what is sent meanwhile goes between two of them. */
const WRITE_BYTES = 131_072;

/** Milliseconds that only ever grow. */
export function monotonicMs(): number {
  return performance.now();
}

export class Driver {
  readonly #stream: ByteStream;
  readonly #connection: Connection;
  readonly #gate: DriverOptions["gate"];
  readonly #limits: DriverOptions["limits"];
  readonly #onEvent: (event: ConnectionEvent) => void;
  readonly #direct: DirectStream | undefined;
  readonly #writer: DirectStream | WritableStreamDefaultWriter<Uint8Array>;
  #timer: TimerHandle | undefined;
  /** When the timer fires; a deadline that moves away does not move the timer, which then looks again. */
  #timerAt = Infinity;
  readonly #finished: Promise<void>;
  #resolveFinished!: () => void;
  #isPumping = false;
  #isFlushing = false;
  #isFinished = false;
  /** Bytes given to the stream and not yet taken by it. */
  #writing = 0;
  #drainWaiters: (() => void)[] = [];
  /** Settles when the carrier is closed and nothing runs any more. */
  readonly done: Promise<void>;

  constructor({ stream, connection, gate, limits, onEvent }: DriverOptions) {
    this.#stream = stream;
    this.#connection = connection;
    this.#gate = gate;
    this.#limits = limits;
    this.#onEvent = onEvent;
    this.#direct = stream.direct;
    this.#writer = this.#direct ?? stream.writable.getWriter();
    this.#finished = new Promise((resolve) => {
      this.#resolveFinished = resolve;
    });
    // The reader and each write learn of the same failure.
    stream.closed.catch(() => undefined);
    this.#writer.closed.catch(() => undefined);
    this.done = this.#run();
  }

  /** Bytes accepted for sending that the carrier has not taken. */
  get bufferedBytes(): number {
    return this.#connection.outboundBytes + this.#writing;
  }

  /** The last event is out. */
  get isFinished(): boolean {
    return this.#isFinished;
  }

  /** Sends with all else that is sent in this turn, in one write. */
  send(control: ControlMessage, payload: Term | undefined): void {
    this.#connection.send(control, payload);
    this.flush();
    // Not in the turn of the sender, who would find himself in the midst of what the loss of a connection causes.
    if (this.bufferedBytes > this.#limits.backlogBytes) queueMicrotask(() => this.#endBacklog());
  }

  /** Writes what the connection has to say after the present turn. */
  flush(): void {
    if (this.#isFlushing || this.#isFinished) return;
    this.#isFlushing = true;
    queueMicrotask(() => void this.#write());
  }

  /** The connection was told something that may have ended it; takes the events of that, and writes what it has to say. */
  wake(): void {
    // A pump that waits at the gate takes the events itself.
    if (!this.#isPumping) this.#takeEvents();
    this.flush();
    this.#setTimer();
  }

  /** Another `net_ticktime` than the connection was made with. */
  setTickTime(tickTimeMs: number): void {
    this.#connection.setTickTime(tickTimeMs, monotonicMs());
    this.#setTimer();
  }

  /** Resolves when so much has been written that sending may go on. */
  drained(): Promise<void> {
    if (this.#isFinished || this.bufferedBytes <= this.#limits.outboundBytes) return Promise.resolve();
    return new Promise((resolve) => this.#drainWaiters.push(resolve));
  }

  /** Closes from our side; what was sent before is still written where the carrier can. The event "closed" follows at once. */
  close(error?: ProtocolError | ConnectionError): Promise<void> {
    this.#connection.close(error);
    this.#takeEvents();
    return this.done;
  }

  #endBacklog(): void {
    if (this.#isFinished || this.bufferedBytes <= this.#limits.backlogBytes) return;
    const peer = this.#connection.result?.peer;
    const words = `${peer} does not read what it is sent: ${this.bufferedBytes} bytes wait for it; a fast sender has to await drained()`;
    void this.close(new ConnectionError("overloaded", words, { peer }));
    // Nobody will read it.
    this.#writer.abort().catch(() => undefined);
  }

  async #run(): Promise<void> {
    this.flush();
    this.#setTimer();
    let end: ConnectionError | undefined;
    const take = (chunk: Uint8Array): Promise<void> | undefined => {
      this.#connection.receive(chunk);
      return this.#pump();
    };
    try {
      await (this.#direct?.read(take) ?? this.#readStream(take));
    } catch (error) {
      end =
        error instanceof ConnectionError
          ? error
          : new ConnectionError("closed", `the carrier broke: ${String(error)}`, { cause: error });
    }
    this.#connection.receiveEnd(end);
    await this.#pump();
    await this.#stream.close();
  }

  async #readStream(take: (chunk: Uint8Array) => Promise<void> | undefined): Promise<void> {
    const reader = this.#stream.readable.getReader();
    while (!this.#isFinished) {
      const { done, value } = await reader.read();
      if (done) break;
      await take(value);
    }
  }

  /** Takes all events, and writes what they caused. Gives a promise where it has to wait at the gate for that. */
  #pump(): Promise<void> | undefined {
    this.#isPumping = true;
    this.#isPumping = this.#takeEvents();
    this.flush();
    this.#setTimer();
    return this.#isPumping ? this.#wait() : undefined;
  }

  async #wait(): Promise<void> {
    this.#connection.setReading(false, monotonicMs());
    await Promise.race([this.#gate.opened(), this.#finished]);
    this.#connection.setReading(true, monotonicMs());
    await this.#pump();
  }

  /** Takes events until there are none (false) or the gate has closed (true). */
  #takeEvents(): boolean {
    // One time for all that one chunk brings.
    const now = monotonicMs();
    for (;;) {
      const event = this.#connection.nextEvent(now);
      if (event === undefined) return false;
      if (event.type === "failed" || event.type === "closed") this.#finish();
      this.#onEvent(event);
      if (this.#gate.isClosed && !this.#isFinished) return true;
    }
  }

  #finish(): void {
    this.#isFinished = true;
    this.#resolveFinished();
    clearTimeout(this.#timer);
    // A large binary is a chunk of its own, so there may be several.
    for (let last = this.#connection.takeOutbound(); last !== undefined; last = this.#connection.takeOutbound())
      this.#writer.write(last)?.catch(() => undefined);
    for (const resume of this.#drainWaiters.splice(0)) resume();
    // Ends the reader too, which ends #run().
    void this.#stream.close();
  }

  async #write(): Promise<void> {
    try {
      while (!this.#isFinished) {
        const chunk = this.#connection.takeOutbound(WRITE_BYTES);
        if (chunk === undefined) break;
        this.#writing += chunk.length;
        const written = this.#writer.write(chunk);
        if (written !== undefined) await written;
        this.#writing -= chunk.length;
        if (this.bufferedBytes <= this.#limits.outboundBytes) for (const resume of this.#drainWaiters.splice(0)) resume();
      }
    } catch {
      // The carrier broke: the reader fails with the same error, and that one is reported.
    }
    this.#isFlushing = false;
  }

  #setTimer(): void {
    const at = this.#isFinished ? undefined : this.#connection.nextTimeout();
    if (at === undefined || at >= this.#timerAt) return;
    clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = setTimeout(() => this.#onTimer(), Math.min(Math.max(0, at - monotonicMs()), MAX_TIMER_MS));
  }

  #onTimer(): void {
    this.#timerAt = Infinity;
    this.#connection.handleTimeout(monotonicMs());
    this.wake();
  }
}
