// What both sides of the handshake have in common: cutting the bytes into messages, the deadline of each step, and ending
// in one way or the other. A side is a table of states: each waits for one message, which leads to the next state.
import { ChunkQueue } from "../bytes/chunk-queue.ts";
import { Writer } from "../bytes/writer.ts";
import { DecodeError, HandshakeError, type HandshakeErrorCode } from "../errors.ts";
import { DFLAG } from "./flags.ts";
import type { Handshake, HandshakeEvent, HandshakeOptions, HandshakeResult } from "./handshake.ts";

export interface Step<State extends string> {
  /** What the peer has to send, for an error message: "its challenge". */
  readonly awaits: string;
  /**
   * Reads the message and does what it asks for. Returns the next state, or the result of the handshake; throws a
   * HandshakeError or DecodeError that ends it. Absent where our own driver has to decide first: messages wait.
   */
  readonly take?: (message: Uint8Array) => State | HandshakeResult;
  /** What it means that the peer closes the connection here. */
  readonly ended: readonly [HandshakeErrorCode, () => string];
}

export abstract class Machine<State extends string> implements Handshake {
  protected abstract readonly steps: Readonly<Record<State, Step<State>>>;
  protected readonly options: HandshakeOptions;
  #state: State | "connected" | "failed";
  readonly #queue = new ChunkQueue();
  readonly #writer = new Writer(256);
  readonly #events: HandshakeEvent[] = [];
  #deadline: number;
  #isEnded = false;

  constructor(state: State, options: HandshakeOptions) {
    this.options = options;
    this.#state = state;
    this.#deadline = options.now + options.stepTimeMs;
  }

  /** How the peer is called in errors. */
  protected abstract get peer(): string | undefined;

  protected get state(): State | "connected" | "failed" {
    return this.#state;
  }

  receive(chunk: Uint8Array): void {
    if (this.#state === "failed") return;
    this.#queue.push(chunk);
  }

  /** Bytes that came and were not read. */
  protected get queuedBytes(): number {
    return this.#queue.length;
  }

  receiveEnd(): void {
    this.#isEnded = true;
  }

  nextEvent(now: number): HandshakeEvent | undefined {
    for (;;) {
      const event = this.#events.shift();
      if (event !== undefined) return event;
      const step = this.#step;
      if (step === undefined) return undefined;
      const { take } = step;
      const message = take === undefined ? undefined : this.#takeMessage();
      if (take !== undefined && message !== undefined) {
        this.#deadline = now + this.options.stepTimeMs;
        this.run(() => take(message));
      } else if (this.#isEnded && this.#step !== undefined) {
        const [code, words] = step.ended;
        this.fail(this.error(code, words()));
      } else if (this.#events.length === 0) {
        return undefined;
      }
    }
  }

  takeOutbound(): Uint8Array | undefined {
    return this.#writer.length === 0 ? undefined : this.#writer.finish();
  }

  nextTimeout(): number | undefined {
    return this.#step === undefined ? undefined : this.#deadline;
  }

  handleTimeout(now: number): void {
    const step = this.#step;
    if (step === undefined || now < this.#deadline) return;
    this.fail(
      this.error("timeout", `no handshake with ${this.#who}: ${step.awaits} did not come within ${this.options.stepTimeMs} ms`),
    );
  }

  takeRest(): Uint8Array {
    return this.#queue.take(this.#queue.length);
  }

  protected send(message: Uint8Array): void {
    if (this.options.packetBytes === 2) this.#writer.u16(message.length);
    else this.#writer.u32(message.length);
    this.#writer.append(message);
  }

  protected emit(event: HandshakeEvent): void {
    this.#events.push(event);
  }

  /** Takes a step of the table, or one that our driver decided on. */
  protected run(step: () => State | HandshakeResult): void {
    try {
      const next = step();
      if (typeof next === "string") {
        this.#state = next;
      } else {
        this.#state = "connected";
        this.emit({ type: "connected", result: next });
      }
    } catch (error) {
      if (error instanceof HandshakeError) this.fail(error);
      else if (error instanceof DecodeError) {
        const where = `${this.#who} sent a handshake message that makes no sense`;
        this.fail(this.error("bad_message", `${where}: ${error.message}`, error));
      } else throw error;
    }
  }

  protected fail(error: HandshakeError): void {
    this.#state = "failed";
    this.#queue.skip(this.#queue.length);
    this.emit({ type: "failed", error });
  }

  protected error(code: HandshakeErrorCode, message: string, cause?: unknown): HandshakeError {
    return new HandshakeError(code, message, { peer: this.peer, cause });
  }

  get #step(): Step<State> | undefined {
    return this.#state === "connected" || this.#state === "failed" ? undefined : this.steps[this.#state];
  }

  get #who(): string {
    return this.peer ?? "a node that connected";
  }

  /** The next whole message, without its length. */
  #takeMessage(): Uint8Array | undefined {
    const { packetBytes, handshakeBytes } = this.options;
    if (this.#queue.length < packetBytes) return undefined;
    const length = packetBytes === 2 ? this.#queue.peekU16() : this.#queue.peekU32();
    if (length > handshakeBytes) {
      const words = `${this.#who} announces a handshake message of ${length} bytes, ${handshakeBytes} are allowed`;
      const hint = "is it an Erlang node, and do both sides use TLS or neither?";
      this.fail(this.error("bad_message", `${words}: ${hint}`));
      return undefined;
    }
    if (this.#queue.length < packetBytes + length) return undefined;
    this.#queue.skip(packetBytes);
    return this.#queue.take(length);
  }
}

/** What both sides agree on: what both can do. */
export function agree(
  own: { readonly name: string; readonly creation: number; readonly flags: bigint },
  peer: { readonly name: string; readonly creation: number; readonly flags: bigint },
): HandshakeResult {
  const flags = own.flags & peer.flags;
  return {
    name: own.name,
    creation: own.creation,
    peer: peer.name,
    peerCreation: peer.creation,
    peerFlags: peer.flags,
    flags,
    hidden: (flags & DFLAG.PUBLISHED) === 0n,
  };
}
