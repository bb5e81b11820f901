// A TCP server for tests that run where there is none (workerd): it joins each two connections that come one after the other.
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  export interface ProvidedContext {
    readonly rendezvousPortNo: number;
    readonly cutterPortNo: number;
  }
}

/** Global setup: starts it, and tells the tests where. */
export default async function start(project: TestProject): Promise<() => Promise<void>> {
  const sockets = new Set<Socket>();
  let waiting: Socket | undefined;
  const rendezvous = createServer({ noDelay: true, pauseOnConnect: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    const other = waiting;
    waiting = other === undefined ? socket : undefined;
    if (other === undefined) return;
    for (const [from, to] of [[socket, other] as const, [other, socket] as const]) {
      from.pipe(to);
      from.on("close", () => {
        sockets.delete(from);
        to.destroySoon();
      });
      from.resume();
    }
  });
  // Who connects here breaks off all that are joined.
  const cutter = createServer((socket) => {
    for (const joined of sockets) joined.resetAndDestroy();
    socket.on("error", () => undefined).destroySoon();
  });
  project.provide("rendezvousPortNo", await listen(rendezvous));
  project.provide("cutterPortNo", await listen(cutter));
  return async () => {
    for (const socket of sockets) socket.destroy();
    await Promise.all([rendezvous, cutter].map((server) => once(server.close(), "close")));
  };
}

async function listen(server: ReturnType<typeof createServer>): Promise<number> {
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no TCP address");
  return address.port;
}
