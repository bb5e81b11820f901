// From a target to a connected socket: EPMD first, where the port is not fixed. What failed is told to the page by a close
// code in general words; addresses and the system's error are for the operator.
import { connect, type Socket } from "node:net";
import { ConnectionError, type ConnectionErrorCode } from "@erl-dist/core";
import type { BridgeCloseName } from "@erl-dist/core/transports/bridge-protocol";
import { abortError, splitName, watchDial } from "@erl-dist/core/transports/dial";
import { findPort } from "@erl-dist/core/transports/find-port";
import { connectTcp } from "@erl-dist/core/transports/nodejs";
import { dialError } from "@erl-dist/core/transports/nodejs-socket";
import { type Ending, endingOf } from "./link-record.ts";
import type { Dial } from "./target.ts";

/** Dials as an Erlang node does. `timeoutMs` is for each step. */
export function tcpDial({ epmdPortNo, timeoutMs }: { readonly epmdPortNo: number; readonly timeoutMs: number }): Dial {
  return async (target, signal) => {
    const peer = target.node;
    const { host = splitName(peer).host } = target;
    const portNo =
      target.portNo ??
      (await findPort(peer, {
        host,
        epmdPortNo: target.epmdPortNo ?? epmdPortNo,
        timeoutMs,
        signal,
        dial: (to, at) => connectTcp(to, at, { signal, timeoutMs, peer }),
      }));
    return connectSocket(host, portNo, peer, { signal, timeoutMs });
  };
}

/** Why the link ends when its node was not reached. */
export function dialEnding(error: unknown): Ending {
  const name = error instanceof ConnectionError ? CLOSES[error.code] : undefined;
  return { ...endingOf(name ?? "internal"), detail: error instanceof Error ? error.message : String(error) };
}

const CLOSES: Partial<Record<ConnectionErrorCode, BridgeCloseName>> = {
  no_such_node: "noSuchNode",
  epmd_unreachable: "epmdUnreachable",
  refused: "refused",
  unreachable: "hostUnknown",
  timeout: "dialTimeout",
};

/** As the carrier's connectTcp, but the socket itself: web streams would cost the relay more than its work does. */
function connectSocket(
  host: string,
  portNo: number,
  peer: string,
  { signal, timeoutMs }: { readonly signal: AbortSignal; readonly timeoutMs: number },
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(abortError(peer, signal));
      return;
    }
    const socket = connect({ host, port: portNo, noDelay: true, keepAlive: true });
    const fail = (error: ConnectionError): void => {
      endWatch();
      socket.destroy();
      reject(error);
    };
    const endWatch = watchDial(peer, { signal, timeoutMs, from: `${host}:${portNo}` }, fail);
    const onError = (error: Error): void => fail(dialError(error, peer, host, portNo, peer));
    socket.once("error", onError);
    socket.once("connect", () => {
      endWatch();
      socket.off("error", onError);
      resolve(socket);
    });
  });
}
