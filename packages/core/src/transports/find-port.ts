// The first half of every dial by name: ask the EPMD of the node's host for the node's port (as erl_epmd:port_please/2).
import { lookup } from "../epmd/client.ts";
import { ConnectionError } from "../errors.ts";
import type { ByteStream } from "./byte-stream.ts";
import { reasonOf, splitName, watchDial } from "./dial.ts";

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
  const { alive } = splitName(peer);
  const epmd = `EPMD at ${host}:${epmdPortNo}`;
  const stream = await dialEpmd(peer, epmd, options);
  let endWatch = (): void => undefined;
  const stopped = new Promise<never>((_, reject) => {
    endWatch = watchDial(peer, { signal, timeoutMs, from: epmd }, reject);
  });
  try {
    const found = await Promise.race([lookup(stream, alive), stopped]);
    if (found !== undefined) return found.portNo;
  } catch (error) {
    if (error instanceof ConnectionError && error.code !== "closed") throw error;
    const words = `cannot find ${peer}: what answers is not ${epmd}, or is ill (${reasonOf(error)})`;
    throw new ConnectionError("epmd_unreachable", words, { peer, cause: error });
  } finally {
    endWatch();
    void stream.close();
  }
  const words = `cannot find ${peer}: ${epmd} knows no node "${alive}"; is it running, and is the name spelt right?`;
  throw new ConnectionError("no_such_node", words, { peer });
}

async function dialEpmd(peer: string, epmd: string, { dial, host, epmdPortNo }: FindPortOptions): Promise<ByteStream> {
  try {
    return await dial(host, epmdPortNo);
  } catch (error) {
    if (!(error instanceof ConnectionError) || error.code !== "refused") throw error;
    const words = `cannot find ${peer}: no ${epmd}; is Erlang running there? A node without EPMD needs its port given`;
    throw new ConnectionError("epmd_unreachable", words, { peer, cause: error });
  }
}
