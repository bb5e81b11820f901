// Nodes of ours for the conformance tests, stopped when the test ends.
import { ErlangNode, type NodeEventMap, type NodeOptions } from "@erl-dist/core";
import { listenTcp, tcp } from "@erl-dist/core/transports/nodejs";
import { onTestFinished } from "vitest";

const LOOPBACK = "127.0.0.1";

let count = 0;

/** A node name that no other test has. */
export function freshName(first = "js"): string {
  return `${first}${process.pid}x${++count}@${LOOPBACK}`;
}

/** Starts a node that finds others in this EPMD; `listens` makes it found there as well. */
export async function startNode(
  epmdPortNo: number,
  { listens = false, ...options }: Partial<NodeOptions> & { readonly listens?: boolean } = {},
): Promise<ErlangNode> {
  const node = await ErlangNode.start({
    name: freshName(),
    cookie: "secret",
    connect: tcp({ epmdPortNo }),
    ...(listens ? { listen: listenTcp({ host: LOOPBACK, epmd: { host: LOOPBACK, portNo: epmdPortNo } }) } : {}),
    ...options,
  });
  onTestFinished(() => node.stop());
  return node;
}

/** The next event of a type. */
export function nextEvent<K extends keyof NodeEventMap>(node: ErlangNode, type: K): Promise<NodeEventMap[K]> {
  return new Promise((resolve) => node.addEventListener(type, resolve, { once: true }));
}
