// From a target to a connected socket: its host's addresses, each checked and tried in turn, EPMD first where the port is not
// fixed, TLS last. What failed is told to the page by a close code in general words; addresses and the system's error are for the
// operator.
import { lookup } from "node:dns/promises";
import { connect, isIP, type Socket } from "node:net";
import type { ConnectionOptions } from "node:tls";
import { ConnectionError, type ConnectionErrorCode } from "@erl-dist/core";
import type { BridgeCloseName } from "@erl-dist/core/transports/bridge-protocol";
import { abortError, splitName, watchDial } from "@erl-dist/core/transports/dial";
import { findPort } from "@erl-dist/core/transports/find-port";
import { connectTcp } from "@erl-dist/core/transports/nodejs";
import { dialError } from "@erl-dist/core/transports/nodejs-socket";
import { tlsOver } from "@erl-dist/core/transports/nodejs-reset";
import { errno, silentInTls, tlsError } from "@erl-dist/core/transports/nodejs-tls";
import { addressFilter } from "./addresses.ts";
import { type Ending, endingOf } from "./link-record.ts";
import type { Dial, Target } from "./target.ts";

export interface DialOptions {
  /** Where a target does not say. */
  readonly epmdPortNo: number;
  /** For all steps together. */
  readonly timeoutMs: number;
  /** All addresses of a host, by default as the system has them. Rejects for a host that is unknown. */
  readonly resolve?: ((host: string) => Promise<readonly string[]>) | undefined;
}

/** A target that was not reached, and what the page is told. */
export class DialError extends Error {
  override readonly name: string = "DialError";
  readonly close: BridgeCloseName;

  constructor(close: BridgeCloseName, message: string, cause?: unknown) {
    super(message, { cause });
    this.close = close;
  }
}

/** Dials as an Erlang node does. */
export function tcpDial({ epmdPortNo, timeoutMs, resolve = systemAddresses }: DialOptions): Dial {
  return async (target, signal) => {
    const host = target.host ?? splitName(target.node).host;
    const may = addressFilter(target, target.pattern !== undefined, `the target ${target.node}`);
    const found = await resolve(host).catch((error: unknown) => {
      throw new DialError("hostUnknown", `the host name "${host}" of ${target.node} is unknown (${wordsOf(error)})`, error);
    });
    const addresses = found.filter(may).slice(0, MAX_ADDRESSES);
    if (addresses.length === 0) {
      throw new DialError(
        "addressDenied",
        `${host} leads to ${found.join(", ") || "no address"}, which ${target.node} may not have`,
      );
    }
    // Of several addresses the first must not take all the time.
    const step = { signal, timeoutMs: Math.ceil(timeoutMs / addresses.length), epmdPortNo, host };
    const failures: unknown[] = [];
    for (const address of addresses) {
      if (signal.aborted) throw abortError(target.node, signal);
      try {
        return await dialAddress(address, target, step);
      } catch (error) {
        failures.push(error);
      }
    }
    throw mostTelling(failures);
  };
}

/** Why the link ends when its node was not reached. */
export function dialEnding(error: unknown): Ending {
  return { ...endingOf(closeOf(error) ?? "internal"), detail: wordsOf(error) };
}

/** A name with more is no host with several interfaces. */
const MAX_ADDRESSES = 8;

interface Step {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly epmdPortNo: number;
  /** The host's name, for its certificate. */
  readonly host: string;
}

async function systemAddresses(host: string): Promise<readonly string[]> {
  if (isIP(host) !== 0) return [host];
  return (await lookup(host, { all: true })).map(({ address }) => address);
}

async function dialAddress(address: string, target: Target, { signal, timeoutMs, epmdPortNo, host }: Step): Promise<Socket> {
  const peer = target.node;
  const portNo =
    target.portNo ??
    (await findPort(peer, {
      host: address,
      epmdPortNo: target.epmdPortNo ?? epmdPortNo,
      timeoutMs,
      signal,
      dial: (to, at) => connectTcp(to, at, { signal, timeoutMs, peer }),
    }));
  // An address stands for itself in a certificate, and has no SNI.
  const tls = target.tls && { ...(isIP(host) === 0 ? { servername: host } : {}), ...target.tls };
  return connectSocket({ address, portNo, peer, tls, signal, timeoutMs });
}

interface SocketOptions extends Pick<Step, "signal" | "timeoutMs"> {
  readonly address: string;
  readonly portNo: number;
  readonly peer: string;
  readonly tls: ConnectionOptions | undefined;
}

/** As the carrier's connectTcp, but the socket itself: web streams would cost the relay more than its work does. */
function connectSocket({ address, portNo, peer, tls, signal, timeoutMs }: SocketOptions): Promise<Socket> {
  const from = `${address}:${portNo}`;
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(abortError(peer, signal));
      return;
    }
    const options = { host: address, port: portNo, noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS };
    let socket = connect(options);
    let isSecuring = false;
    const fail = (error: ConnectionError): void => {
      endWatch();
      // The socket may go on to report that it was destroyed; the dial is over.
      socket.off("error", onError).on("error", () => undefined);
      socket.destroy();
      reject(error);
    };
    const onLate = (error: ConnectionError): void => {
      fail(isSecuring && error.code === "timeout" ? silentInTls(peer, from, timeoutMs, peer) : error);
    };
    const endWatch = watchDial(peer, { signal, timeoutMs, from }, onLate);
    const onError = (error: Error): void => {
      fail(isSecuring ? tlsError(error, peer, peer) : dialError(error, peer, address, portNo, peer));
    };
    const onReached = (): void => {
      endWatch();
      socket.off("error", onError);
      resolve(socket);
    };
    socket.on("error", onError).once("connect", () => {
      if (tls === undefined) {
        onReached();
        return;
      }
      isSecuring = true;
      socket.off("error", onError);
      socket = tlsOver(socket, { ...tls, host: address })
        .on("error", onError)
        .once("secureConnect", onReached);
    });
  });
}

/** Of silence on a connection, until the system asks whether the other side is still there. */
const KEEP_ALIVE_MS = 15_000;

const CLOSES: Partial<Record<ConnectionErrorCode, BridgeCloseName>> = {
  no_such_node: "noSuchNode",
  epmd_unreachable: "epmdUnreachable",
  refused: "refused",
  unreachable: "unreachable",
  timeout: "dialTimeout",
  tls_failed: "tlsFailed",
};

function closeOf(error: unknown): BridgeCloseName | undefined {
  if (error instanceof DialError) return error.close;
  if (!(error instanceof ConnectionError)) return undefined;
  // The bridge itself has no file descriptor left, or its machine no port.
  const { cause } = error;
  if (cause instanceof Error && /^E(?:MFILE|NFILE|ADDRNOTAVAIL)$/.test(errno(cause))) return "tooMany";
  return CLOSES[error.code];
}

/** Where several addresses failed: the failure that came furthest. */
function mostTelling(failures: readonly unknown[]): unknown {
  const [best, ...others] = failures.toSorted((one, other) => stepsLeft(one) - stepsLeft(other));
  const close = closeOf(best);
  if (close === undefined || others.length === 0) return best;
  return new DialError(close, failures.map(wordsOf).join("; "), best);
}

function stepsLeft(error: unknown): number {
  const close = closeOf(error);
  const order: readonly BridgeCloseName[] = ["tlsFailed", "noSuchNode", "refused", "epmdUnreachable", "dialTimeout"];
  return close !== undefined && order.includes(close) ? order.indexOf(close) : order.length;
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
