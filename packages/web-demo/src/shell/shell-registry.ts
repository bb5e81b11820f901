// Completion in OTP 26 and newer asks the node of its group leader for the shell, by erpc:call(Node, group, whereis_shell, []). Without
// an answer the shell hangs. The group leader of a shell's group is a process of ours, so the question comes to our node.
import { type Pid, type Process, termKey } from "@erl-dist/core";
import type { BareNode } from "@erl-dist/core/remote-node";

type FindShell = () => Promise<Pid>;

/** The shells of each of our nodes, by their group leaders: functions are exposed once for a node. */
const ofNode = new WeakMap<BareNode, Map<string, FindShell>>();

/** Tells the shell to whoever has this group leader, until the function that comes back is called. */
export function registerShell(node: BareNode, leader: Pid, find: FindShell): () => void {
  let shells = ofNode.get(node);
  if (shells === undefined) {
    shells = new Map();
    ofNode.set(node, shells);
    const known = shells;
    node.expose("group", {
      whereis_shell(this: Process): Promise<Pid> | undefined {
        return known.get(termKey(this.groupLeader))?.();
      },
    });
  }
  const key = termKey(leader);
  const all = shells;
  all.set(key, find);
  return () => all.delete(key);
}
