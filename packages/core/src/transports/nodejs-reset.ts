// Breaking off. A reset tells the other side at once that this is no orderly end, however much of what was written it has not taken;
// a node wakes the processes then that are suspended because they send. Node.js resets no TLS socket, only the TCP socket under it;
// so that one has to be known.
import type { Socket } from "node:net";
import { type ConnectionOptions, connect, TLSSocket } from "node:tls";

/** Begins TLS over a connected socket, which belongs to the TLS socket from now on. */
export function tlsOver(tcp: Socket, options: ConnectionOptions): TLSSocket {
  // Its errors come to the TLS socket.
  tcp.on("error", () => undefined);
  return resetsBy(connect({ ...options, socket: tcp }), tcp);
}

/** Lets `resetAndDestroy` work for a TLS socket: it resets the TCP socket below. */
export function resetsBy(socket: TLSSocket, tcp: Socket): TLSSocket {
  return Object.assign(socket, {
    resetAndDestroy() {
      tcp.resetAndDestroy();
      return socket;
    },
  });
}

/** Destroys it, by a reset where that can be. */
export function breakOff(socket: Socket): void {
  // Node.js must not reset a socket whose shutdown is under way: that fails with EINVAL, and the socket stays for good. By then the
  // system has all that was written; if it closes a socket with unread bytes, it sends a reset by itself.
  const isShut = socket.writableEnded && socket.writableLength === 0;
  if (isShut || !canReset(socket)) socket.destroy();
  else socket.resetAndDestroy();
}

/** Not a TLS socket that somebody else has made: there Node.js throws. */
function canReset(socket: Socket): boolean {
  return !(socket instanceof TLSSocket) || Object.hasOwn(socket, "resetAndDestroy");
}
