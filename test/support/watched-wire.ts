// A wire that a test looks at: between who dials and a port of this machine, it passes on bytes, ends and resets.
import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { onTestFinished } from "vitest";

export interface WatchedWire {
  readonly portNo: number;
  /** How the first who dialled ended: "an end", or the code of the error, "ECONNRESET" for a reset. */
  readonly dialerEnd: Promise<string>;
}

export async function watchedWire(portNo: number): Promise<WatchedWire> {
  const { promise: dialerEnd, resolve } = Promise.withResolvers<string>();
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ port: portNo, host: "127.0.0.1", noDelay: true });
    near.on("data", (chunk) => far.write(chunk)).on("end", () => resolve("an end"));
    near.on("error", (error: NodeJS.ErrnoException) => {
      resolve(error.code ?? error.message);
      far.resetAndDestroy();
    });
    near.on("close", () => far.end());
    far.on("data", (chunk) => near.write(chunk)).on("error", () => near.destroy());
    far.on("end", () => near.end());
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => void server.close());
  return { portNo: (server.address() as AddressInfo).port, dialerEnd };
}
