// TLS that can be reset. Node.js resets no TLS socket, only the TCP socket under it; so that one has to be ours.
import type { Socket } from "node:net";
import { type ConnectionOptions, connect, TLSSocket } from "node:tls";

/** Begins TLS over a connected socket, which belongs to the TLS socket from now on. `resetAndDestroy` works there, too. */
export function tlsOver(tcp: Socket, options: ConnectionOptions): TLSSocket {
  // Its errors come to the TLS socket.
  tcp.on("error", () => undefined);
  const socket = connect({ ...options, socket: tcp });
  return Object.assign(socket, {
    resetAndDestroy() {
      tcp.resetAndDestroy();
      return socket;
    },
  });
}

/** Not a TLS socket that somebody else has made: there Node.js throws. */
export function canReset(socket: Socket): boolean {
  return !(socket instanceof TLSSocket) || Object.hasOwn(socket, "resetAndDestroy");
}
