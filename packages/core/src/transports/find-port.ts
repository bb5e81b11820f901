// The first half of every dial by name: ask the EPMD of the node's host for the node's port (as erl_epmd:port_please/2).
import { lookup } from "../epmd/client.ts";
import { ConnectionError } from "../errors.ts";
import type { ByteStream } from "./byte-stream.ts";

export interface FindPortOptions {
  readonly host: string;
  readonly epmdPortNo: number;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Opens a connection; rejects with a ConnectionError. */
  readonly dial: (host: string, portNo: number) => Promise<ByteStream>;
}

/** The distribution port of a node. Rejects with `epmd_unreachable`, `no_such_node`, `unreachable`, `timeout` or `aborted`. */
export async function findPort(peer: string, options: FindPortOptions): Promise<number> {
  const { host, epmdPortNo, timeoutMs, signal } = options;
  const epmd = `EPMD at ${host}:${epmdPortNo}`;
  const stream = await dialEpmd(peer, options);
  let stopped: ConnectionError | undefined;
  const stop = (error: ConnectionError): void => {
    stopped = error;
    void stream.close();
  };
  const onAbort = (): void => stop(abortError(peer, signal));
  const timer = setTimeout(
    () => stop(new ConnectionError("timeout", `cannot find ${peer}: ${epmd} did not answer in ${timeoutMs} ms`, { peer })),
    timeoutMs,
  );
  signal?.addEventListener("abort", onAbort);
  if (signal?.aborted) onAbort();
  try {
    const { alive } = splitName(peer);
    const found = await lookup(stream, alive);
    if (found !== undefined) return found.portNo;
    throw new ConnectionError(
      "no_such_node",
      `cannot find ${peer}: ${epmd} knows no node "${alive}"; is it running, and is the name spelt right?`,
      { peer },
    );
  } catch (error) {
    if (stopped !== undefined) throw stopped;
    if (error instanceof ConnectionError && error.code === "no_such_node") throw error;
    throw new ConnectionError("epmd_unreachable", `cannot find ${peer}: what answers is no ${epmd} (${reasonOf(error)})`, {
      peer,
      cause: error,
    });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
    void stream.close();
  }
}

/** A dial that the caller's signal ended; one that AbortSignal.timeout() ended is a `timeout`. */
export function abortError(peer: string, signal: AbortSignal | undefined): ConnectionError {
  const cause: unknown = signal?.reason;
  const late = cause instanceof Error && cause.name === "TimeoutError";
  return late
    ? new ConnectionError("timeout", `connecting to ${peer} took too long`, { peer, cause })
    : new ConnectionError("aborted", `connecting to ${peer} was aborted`, { peer, cause });
}

/** The parts of a full node name before and after the `@`. */
export function splitName(peer: string): { readonly alive: string; readonly host: string } {
  const at = peer.indexOf("@");
  if (at < 1 || at === peer.length - 1) {
    throw new ConnectionError("no_such_node", `"${peer}" is not a full node name, as in "app@host"`, { peer });
  }
  return { alive: peer.slice(0, at), host: peer.slice(at + 1) };
}

async function dialEpmd(peer: string, { dial, host, epmdPortNo }: FindPortOptions): Promise<ByteStream> {
  try {
    return await dial(host, epmdPortNo);
  } catch (error) {
    if (!(error instanceof ConnectionError) || error.code !== "refused") throw error;
    throw new ConnectionError(
      "epmd_unreachable",
      `cannot find ${peer}: no EPMD at ${host}:${epmdPortNo}; is Erlang running there? A node without EPMD needs a fixed portNo here`,
      { peer, cause: error },
    );
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
