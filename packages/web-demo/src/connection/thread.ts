// Where a console's connections run: in a worker, so that the node on the other side gets its ticks while the page is busy or stands
// still at a breakpoint; in the page itself where its policy allows no worker, or a connector of the page's own is to be used.
import { ConnectionError, type Connector } from "@erl-dist/core";
import { type RemoteControllers, remoteControllers } from "@erl-dist/core/remote-node";
import { type BridgeWay, FILE, serve, WORKER_NAME } from "./controllers.ts";

export interface Thread {
  readonly controllers: RemoteControllers;
  /** When the node has stopped. */
  end(): void;
}

export interface ThreadOptions {
  readonly way: BridgeWay;
  readonly connector: Connector | undefined;
  /** Makes the worker, where the page has its file; false: there shall be none. */
  readonly worker: (() => Worker) | false | undefined;
}

/** A worker that does not load is as good as none. */
const START_MS = 5_000;

export async function startThread({ way, connector, worker: newWorker = ownWorker }: ThreadOptions): Promise<Thread> {
  const worker = connector === undefined && newWorker !== false ? await startWorker(newWorker) : undefined;
  if (worker === undefined) return threadInPage(way, connector);
  const controllers = remoteControllers(worker, way);
  worker.addEventListener("error", (cause) => {
    // failure.ts knows it by its cause.
    controllers.lost(new ConnectionError("closed", cause.message, { cause }));
  });
  return { controllers, end: () => worker.terminate() };
}

function threadInPage(way: BridgeWay, connector: Connector | undefined): Thread {
  const { port1, port2 } = new MessageChannel();
  serve(port2, connector);
  return { controllers: remoteControllers(port1, way), end: () => port1.close() };
}

/** Undefined where there can be none: a content security policy forbids it, or a bundler has put this file elsewhere. */
async function startWorker(newWorker: () => Worker): Promise<Worker | undefined> {
  let worker: Worker | undefined;
  const started = new Promise<boolean>((resolve) => {
    setTimeout(() => resolve(false), START_MS);
    worker = newWorker();
    // Whatever it says first: it is there.
    worker.addEventListener("message", () => resolve(true));
    const failed = (event: ErrorEvent): void => {
      // Nobody else needs to hear of it.
      event.preventDefault();
      resolve(false);
    };
    worker.addEventListener("error", failed, { once: true });
  });
  if (await started.catch(() => false)) return worker;
  worker?.terminate();
  return undefined;
}

function ownWorker(): Worker {
  const options: WorkerOptions = { type: "module", name: WORKER_NAME };
  if (FILE.startsWith(`${location.origin}/`)) return new Worker(FILE, options);
  // A script of another origin can be no worker, but a worker may import it.
  const source = URL.createObjectURL(new Blob([`import ${JSON.stringify(FILE)}`], { type: "text/javascript" }));
  const worker = new Worker(source, options);
  worker.addEventListener("message", () => URL.revokeObjectURL(source), { once: true });
  return worker;
}
