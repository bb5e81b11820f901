// One connection to our EPMD, without I/O: bytes go in with receive(), bytes to write come out of takeOutbound(). What is no
// request is not answered: the connection is closed, as OTP's epmd does.
import { ChunkQueue } from "../bytes/chunk-queue.ts";
import { DecodeError } from "../errors.ts";
import type { NameTable } from "./name-table.ts";
import {
  type AliveRequest,
  decodeRequest,
  type EpmdRequest,
  encodeAliveReply,
  encodeDumpReply,
  encodeKillReply,
  encodeLookupReply,
  encodeNamesReply,
  MAX_REQUEST_BYTES,
} from "./server-messages.ts";

export interface EpmdSessionOptions {
  readonly table: NameTable;
  /** The client is on our own host: it may register, and ask for all data. */
  readonly isLocal: boolean;
  /** Our own port, which clients compare with the one that they dialled. */
  readonly portNo: number;
  /** The creation for a name that was never here; not below 4. */
  readonly firstCreation: number;
  /** KILL_REQ is granted while no node is registered; without it, never. */
  readonly isKillable?: boolean | undefined;
  /** When a client without a complete request is hung up on. Single bytes that drip in do not move it. */
  readonly deadline: number;
}

export class EpmdSession {
  readonly #options: EpmdSessionOptions;
  readonly #queue = new ChunkQueue();
  #outbound: Uint8Array | undefined;
  #state: "request" | "registered" | "refused" | "closed" = "request";
  #name: string | undefined;
  #isKilled = false;

  constructor(options: EpmdSessionOptions) {
    this.#options = options;
  }

  /** The connection has to be closed, after what takeOutbound() still has. */
  get isClosed(): boolean {
    return this.#state === "closed";
  }

  /** The client has been told that EPMD ends. */
  get isKilled(): boolean {
    return this.#isKilled;
  }

  receive(chunk: Uint8Array): void {
    if (this.#state === "closed") return;
    // After its registration a node has nothing more to say.
    if (this.#state !== "request") {
      this.close();
      return;
    }
    this.#queue.push(chunk);
    if (this.#queue.length < 2) return;
    const length = this.#queue.peekU16();
    // Nothing follows a request, so more bytes are as wrong as too many announced.
    if (length === 0 || length > MAX_REQUEST_BYTES || this.#queue.length > 2 + length) {
      this.close();
      return;
    }
    if (this.#queue.length < 2 + length) return;
    this.#queue.skip(2);
    this.#take(this.#queue.take(length));
  }

  /** All bytes to write now, as one chunk: `erl_epmd` takes replies only in one piece. */
  takeOutbound(): Uint8Array | undefined {
    const bytes = this.#outbound;
    this.#outbound = undefined;
    return bytes;
  }

  /** When handleTimeout() has to be called; undefined once registered. */
  nextTimeout(): number | undefined {
    return this.#state === "request" || this.#state === "refused" ? this.#options.deadline : undefined;
  }

  handleTimeout(now: number): void {
    if (now >= (this.nextTimeout() ?? Infinity)) this.close();
  }

  /** The connection has ended, or shall: the name is free again. */
  close(): void {
    if (this.#name !== undefined) this.#options.table.unregister(this.#name);
    this.#name = undefined;
    this.#state = "closed";
  }

  #take(bytes: Uint8Array): void {
    try {
      this.#answer(decodeRequest(bytes));
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.close();
    }
  }

  #answer(request: EpmdRequest): void {
    const { table, portNo, isLocal, isKillable = false } = this.#options;
    switch (request.type) {
      case "ALIVE2":
        if (isLocal) this.#register(request);
        else this.close();
        return;
      case "PORT_PLEASE2":
        return this.#reply(encodeLookupReply(table.find(request.name)));
      case "NAMES":
        return this.#reply(encodeNamesReply(portNo, table.nodes));
      case "DUMP":
        return isLocal ? this.#reply(encodeDumpReply(portNo, table.entries)) : this.close();
      case "KILL":
        if (!isLocal) return this.close();
        this.#isKilled = isKillable && table.size === 0;
        return this.#reply(encodeKillReply(this.#isKilled ? "OK" : "NO"));
      default:
        request satisfies never;
    }
  }

  #register(node: AliveRequest): void {
    const { table, firstCreation } = this.#options;
    const creation = table.register(node, firstCreation);
    this.#outbound = encodeAliveReply(node, creation);
    // The connection is the registration. One that failed is left to the client to close, as epmd does.
    this.#state = creation === "duplicate" ? "refused" : "registered";
    if (creation !== "duplicate") this.#name = node.name;
  }

  /** `erl_epmd` reads until the end, so the end has to come. */
  #reply(bytes: Uint8Array): void {
    this.#outbound = bytes;
    this.#state = "closed";
  }
}
