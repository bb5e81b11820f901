// One socket of Node.js (also of Deno and Bun, which have node:net) as a ByteStream, and its errors in words.
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { ConnectionError } from "../errors.ts";
import type { ByteStream } from "./byte-stream.ts";
import { errno, isAlert, tlsError } from "./nodejs-tls.ts";
import { WireStream } from "./wire-stream.ts";

/** Takes over a connected socket. `where` names the other side in errors. */
export function socketStream(socket: Socket, where: string): ByteStream {
  const secure = socket instanceof TLSSocket;
  const stream = new WireStream(
    {
      write: (chunk) => socket.write(chunk),
      end: () => socket.end(),
      // A reset tells the peer at once that this is no orderly end; TLS has no such call.
      destroy: () => (secure ? socket.destroy() : socket.resetAndDestroy()),
      resume: () => socket.resume(),
    },
    secure ? 4 : 2,
  );
  let failure: ConnectionError | undefined;
  socket.on("data", (data: Buffer) => {
    // A plain view: Buffer's slice() does not copy, and decoded binaries would be Buffers.
    const room = stream.receive(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    if (!room) socket.pause();
  });
  socket.on("drain", () => stream.drained());
  // TLS ends after its alert, too; the reason is the alert, and "close" follows.
  socket.on("end", () => failure ?? stream.ended());
  socket.on("error", (error) => {
    failure ??= secure && isAlert(error) ? tlsError(error, where) : lossError(error, where);
  });
  socket.on("close", () => stream.finished(failure));
  return stream;
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
