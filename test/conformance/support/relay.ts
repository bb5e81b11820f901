// A TCP relay in front of a server, which splits, gathers, slows or holds back what goes through it.
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";

const LOOPBACK = "127.0.0.1";

/**
 * What becomes of the bytes of one direction; the chunks are sent as segments of their own. More is read when what the
 * treatment returns has resolved.
 */
export type Treatment = (chunk: Buffer, send: (chunk: Buffer) => void) => void | Promise<void>;

export interface Relay extends Disposable {
  readonly portNo: number;
  /** Both ends of each connection: whom the relay accepted, whom it dialled. */
  readonly connections: readonly { readonly near: Socket; readonly far: Socket }[];
}

export interface RelayOptions {
  /** From the one who dials to the server. */
  readonly there?: Treatment;
  /** Back. */
  readonly back?: Treatment;
}

export const asIs: Treatment = (chunk, send) => send(chunk);

export const bytewise: Treatment = (chunk, send) => {
  for (const byte of chunk) send(Buffer.of(byte));
};

/** Everything that comes within some time goes on as one chunk. */
export function gathered(timeMs: number): Treatment {
  let waiting: Buffer[] = [];
  return (chunk, send) => {
    waiting.push(chunk);
    if (waiting.length > 1) return;
    setTimeout(() => {
      send(Buffer.concat(waiting));
      waiting = [];
    }, timeMs);
  };
}

/** A slow link. */
export function throttled(bytesPerSecond: number): Treatment {
  const stepMs = 20;
  const stepBytes = Math.ceil((bytesPerSecond * stepMs) / 1_000);
  return async (chunk, send) => {
    for (let from = 0; from < chunk.length; from += stepBytes) {
      send(chunk.subarray(from, from + stepBytes));
      await new Promise((resolve) => setTimeout(resolve, stepMs));
    }
  };
}

/** Lets everything pass until `cut()`, and nothing afterwards, while the connection stays. */
export function cuttable(): { readonly treatment: Treatment; cut(): void } {
  let isCut = false;
  return {
    treatment: (chunk, send) => {
      if (!isCut) send(chunk);
    },
    cut: () => {
      isCut = true;
    },
  };
}

/** Holds everything back until `release()`. */
export function held(): { readonly treatment: Treatment; release(): void } {
  let isHeld = true;
  const waiting: (() => void)[] = [];
  return {
    treatment: (chunk, send) => {
      if (isHeld) waiting.push(() => send(chunk));
      else send(chunk);
    },
    release: () => {
      isHeld = false;
      for (const each of waiting.splice(0)) each();
    },
  };
}

/** Listens on a port of its own, and passes on to the server's until the test ends. */
export async function startRelay(serverPortNo: number, options?: RelayOptions): Promise<Relay> {
  const relay = await relayTo(serverPortNo, options);
  onTestFinished(() => relay[Symbol.dispose]());
  return relay;
}

/** The same until it is disposed of, for tests that run at the same time. */
export async function relayTo(serverPortNo: number, { there = asIs, back = asIs }: RelayOptions = {}): Promise<Relay> {
  const connections: { near: Socket; far: Socket }[] = [];
  const server = createServer({ noDelay: true }, (near) => {
    const far = connect({ port: serverPortNo, host: LOOPBACK, noDelay: true });
    connections.push({ near, far });
    carry(near, far, there);
    carry(far, near, back);
  });
  await once(server.listen(0, LOOPBACK), "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no TCP address");
  return {
    portNo: address.port,
    connections,
    [Symbol.dispose]() {
      server.close();
      for (const { near, far } of connections) {
        near.destroy();
        far.destroy();
      }
    },
  };
}

function carry(from: Socket, to: Socket, treat: Treatment): void {
  // One write for each turn: what is written in one turn may leave in one segment.
  let last = Promise.resolve();
  const send = (chunk: Buffer): void => {
    last = last.then(
      () =>
        new Promise((resolve) => {
          if (to.destroyed) resolve();
          else to.write(chunk, () => setImmediate(resolve));
        }),
    );
  };
  from.on("data", (chunk) => {
    const busy = treat(chunk, send);
    if (busy === undefined) return;
    from.pause();
    void busy.then(() => from.resume());
  });
  from.on("error", () => to.destroy());
  from.on("end", () => void last.then(() => to.end()));
  from.on("close", () => void last.then(() => to.end()));
}
