// One socket of Node.js (also of Deno and Bun, which have node:net) as a ByteStream, and its errors in words.
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { ConnectionError } from "../errors.ts";
import type { ByteStream, DirectStream } from "./byte-stream.ts";
import { DirectSocket } from "./nodejs-direct.ts";
import { breakOff } from "./nodejs-reset.ts";
import { errno, isAlert, tlsError } from "./nodejs-tls.ts";
import { WireStream } from "./wire-stream.ts";

/** Takes over a connected socket. `where` names the other side in errors. */
export function socketStream(socket: Socket, where: string): ByteStream {
  return new SocketStream(socket, where);
}

/** Nothing is read before it shows which way is taken: by streams, or around them. */
class SocketStream implements ByteStream {
  readonly #socket: Socket;
  readonly #isSecure: boolean;
  #streams: WireStream | undefined;
  #direct: DirectSocket | undefined;
  #isClosed = false;
  #failure: ConnectionError | undefined;

  constructor(socket: Socket, where: string) {
    this.#socket = socket;
    const isSecure = socket instanceof TLSSocket;
    this.#isSecure = isSecure;
    socket.on("drain", () => this.#way?.drained());
    // TLS ends after its alert, too; the reason is the alert, and "close" follows.
    socket.on("end", () => this.#failure ?? this.#way?.ended());
    socket.on("error", (error) => {
      this.#failure ??= isSecure && isAlert(error) ? tlsError(error, where) : lossError(error, where);
    });
    socket.on("close", () => {
      this.#isClosed = true;
      this.#way?.finished(this.#failure);
    });
  }

  get handshakePacketBytes(): 2 | 4 {
    return this.#isSecure ? 4 : 2;
  }

  get readable(): ReadableStream<Uint8Array> {
    return this.#useStreams().readable;
  }

  get writable(): WritableStream<Uint8Array> {
    return this.#useStreams().writable;
  }

  get closed(): Promise<void> {
    return (this.#way ?? this.#useStreams()).closed;
  }

  get direct(): DirectStream {
    this.#direct ??= this.#started(new DirectSocket(this.#socket, () => breakOff(this.#socket)));
    return this.#direct;
  }

  close(): Promise<void> {
    return (this.#way ?? this.#useStreams()).close();
  }

  get #way(): WireStream | DirectSocket | undefined {
    return this.#direct ?? this.#streams;
  }

  #useStreams(): WireStream {
    const socket = this.#socket;
    const wire = {
      write: (chunk: Uint8Array) => socket.write(chunk),
      end: () => void socket.end(),
      destroy: () => breakOff(socket),
      resume: () => void socket.resume(),
    };
    this.#streams ??= this.#started(new WireStream(wire, this.handshakePacketBytes));
    return this.#streams;
  }

  #started<T extends WireStream | DirectSocket>(way: T): T {
    if (this.#isClosed) way.finished(this.#failure);
    this.#socket.on("data", (data: Buffer) => {
      // A plain view: Buffer's slice() does not copy, and decoded binaries would be Buffers.
      const room = way.receive(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
      if (!room) this.#socket.pause();
    });
    return way;
  }
}

/** Why a socket did not connect; `target` is a node's name, or what stands in for it. */
export function dialError(error: Error, target: string, host: string, portNo: number, peer?: string): ConnectionError {
  const because = (code: "refused" | "unreachable" | "timeout", words: string): ConnectionError =>
    new ConnectionError(code, `cannot connect to ${target}: ${words}`, { peer, cause: error });
  switch (errno(error)) {
    case "ECONNREFUSED":
    case "ECONNRESET":
      return because(
        "refused",
        `nothing listens at ${host}:${portNo} (connection refused); is it running, and is the port right?`,
      );
    case "ENOTFOUND":
    case "EAI_AGAIN":
    case "EAI_FAIL":
    case "EAI_NODATA":
    case "EAI_NONAME":
      return because("unreachable", `the host name "${host}" is unknown; check the part of the node name after the @`);
    case "ETIMEDOUT":
      return because("timeout", `no answer from ${host}:${portNo}; a firewall may drop what we send`);
    case "EHOSTUNREACH":
    case "ENETUNREACH":
    case "EHOSTDOWN":
    case "ENETDOWN":
      return because("unreachable", `no route to ${host}; check the network and the address`);
    default:
      return because("unreachable", `${host}:${portNo}: ${error.message}`);
  }
}

function lossError(error: Error, where: string): ConnectionError {
  return new ConnectionError("closed", `lost the connection to ${where}: ${lossInWords(error)}`, { cause: error });
}

function lossInWords(error: Error): string {
  switch (errno(error)) {
    case "ECONNRESET":
    case "EPIPE":
      return "the other side reset it";
    case "ETIMEDOUT":
      return "the other side no longer answers";
    default:
      return error.message;
  }
}
