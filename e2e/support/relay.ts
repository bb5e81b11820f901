// A way to a node that takes its time, as one over a slow link does: a relay for TCP that holds back what comes, in both directions.
import { once } from "node:events";
import { createServer, connect, type Socket } from "node:net";

export interface Relay extends AsyncDisposable {
  readonly portNo: number;
  /** How long everything is held back that comes from now on. */
  delayMs: number;
  /** Takes nothing any more, so that what is sent piles up where it is sent from; or goes on. */
  isHeld: boolean;
}

/** Relays to a port of this machine. */
export async function startRelay(toPortNo: number): Promise<Relay> {
  const sockets = new Set<Socket>();
  let isHeld = false;
  const own = (socket: Socket): Socket => {
    sockets.add(socket);
    // Whoever is on the other side of it sees the end of the connection.
    return socket.on("error", () => socket.destroy()).on("close", () => sockets.delete(socket));
  };
  const pass = (from: Socket, to: Socket): void => {
    let passed = Promise.resolve();
    from.on("data", (chunk) => {
      const due = performance.now() + relay.delayMs;
      // One after the other, however the delay changes.
      passed = passed.then(async () => {
        await new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
        to.write(chunk);
      });
    });
    from.on("close", () => to.destroy());
    if (isHeld) from.pause();
  };
  const server = createServer({ noDelay: true }, (socket) => {
    const target = own(connect({ port: toPortNo, host: "127.0.0.1", noDelay: true }));
    pass(own(socket), target);
    pass(target, socket);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as { port: number };
  const relay: Relay = {
    portNo: port,
    delayMs: 0,
    get isHeld() {
      return isHeld;
    },
    set isHeld(held) {
      isHeld = held;
      for (const socket of sockets)
        if (held) socket.pause();
        else socket.resume();
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await once(server.close(), "close");
    },
  };
  return relay;
}
