// One side of the bench in a process of its own: a node of ours ("erl-dist"), or plain sockets with packets that were encoded
// before and are not decoded ("sockets"), the floor that the runtime sets. Asked for one work at a time.
import { NodePeer } from "./node-peer.ts";
import { SocketPeer } from "./socket-peer.ts";

export interface Peer {
  /** Does a work so often. */
  work(name: string, count: number): Promise<void>;
  stop(): Promise<void>;
}

export interface PeerQuestion {
  readonly name: string;
  readonly count: number;
}
/** Microseconds of all, and of CPU. */
export interface PeerAnswer {
  readonly us: number;
  readonly cpuUs: number;
}

const [kind, target = "", portNo = "0"] = process.argv.slice(2);
const peer: Peer = await (kind === "erl-dist" ? NodePeer : SocketPeer).start(target, Number(portNo));

process.on("message", ({ name, count }: PeerQuestion) => void measure(name, count));
process.on("disconnect", () => void peer.stop().then(() => process.exit(0)));
process.send?.("ready");

async function measure(name: string, count: number): Promise<void> {
  const cpu = process.cpuUsage();
  const before = performance.now();
  await peer.work(name, count);
  const us = (performance.now() - before) * 1000;
  const { user, system } = process.cpuUsage(cpu);
  const answer: PeerAnswer = { us, cpuUs: user + system };
  process.send?.(answer);
}
