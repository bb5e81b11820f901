// Who sends a control message: what one process sends must arrive in that order.
import { Pid, termKey } from "../etf/index.ts";
import type { ControlMessage } from "./control.ts";

/** A key for the sender; undefined for a message that does not tell, which has to keep its place among all others. */
export function senderOf(control: ControlMessage): string | undefined {
  switch (control.type) {
    case "SEND":
    case "GROUP_LEADER":
    case "NODE_LINK":
      return undefined;
    case "MONITOR_P_EXIT":
    case "PAYLOAD_MONITOR_P_EXIT":
      // A name: the process that had it is gone, and may have sent something before.
      return control.fromProc instanceof Pid ? keyOf(control.fromProc) : undefined;
    case "SPAWN_REPLY":
      // The first signal of the new process. An error has no sender, and nothing to come after.
      return control.result instanceof Pid ? keyOf(control.result) : "";
    default:
      return keyOf(control.fromPid);
  }
}

function keyOf(pid: Pid): string {
  return termKey(pid);
}
