// What makes and keeps a console's connections: the handshake, ticks, the way through the bridge. One file for the worker, where it
// serves by itself, and for a page that can have no worker, which serves itself by it. It knows neither the DOM nor terms.
import { type ControllerPort, serveControllers } from "@erl-dist/core/controller-server";
import { bridge } from "@erl-dist/core/transports/websocket";
import type { Connector } from "@erl-dist/core";

/** How a node is reached by the bridge. */
export interface BridgeWay {
  /** Absolute. */
  readonly address: string;
  readonly target: string;
  readonly token: string | undefined;
}

/** Where a worker finds this file. */
export const FILE: string = import.meta.url;
/** By its name a worker is known to be one of ours. */
export const WORKER_NAME = "erl-dist";
/** By `connector`, or by the bridge. */
export function serve(port: ControllerPort, connector?: Connector): void {
  serveControllers(port, ({ address, target, token }: BridgeWay) => {
    if (connector !== undefined) return connector;
    return bridge(address, { ...(target === "" ? {} : { target }), ...(token === undefined ? {} : { token }) });
  });
}

/** In a worker, which says first that it is there. */
export function serveIn(scope: ControllerPort): void {
  serve(scope);
  scope.postMessage("ready", []);
}

// In a page `self` is the window, and in Node.js there is none.
const scope = globalThis as unknown as ControllerPort & { readonly name?: string; readonly document?: unknown };
if (scope.name === WORKER_NAME && scope.document === undefined) serveIn(scope);
