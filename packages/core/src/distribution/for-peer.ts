// The form of a control message that a peer of these flags takes. All releases since OTP 25 know all but the last, which
// came with OTP 28; C nodes, jinterface and others may lack some of those that are not mandatory.
import { Pid, Reference, type Term } from "../etf/index.ts";
import { DFLAG } from "../handshake/index.ts";
import { ALTACT, type ControlMessage, type ControlMessageOf } from "./control.ts";
import type { Packet } from "./packet.ts";

const COMMON = DFLAG.SEND_SENDER | DFLAG.EXIT_PAYLOAD | DFLAG.DIST_MONITOR | DFLAG.DIST_MONITOR_NAME | DFLAG.ALIAS | DFLAG.SPAWN;

/** Whether a peer of these flags needs packetForPeer for more than ALTACT_SIG_SEND. */
export function needsConversion(flags: bigint): boolean {
  return (flags & COMMON) !== COMMON;
}

/** `flags` are those that both nodes set. Undefined: the peer has no form of it, and OTP would not send it either. */
export function packetForPeer(control: ControlMessage, payload: Term | undefined, flags: bigint): Packet | undefined {
  const has = (flag: bigint): boolean => (flags & flag) !== 0n;
  const packet = payload === undefined ? { control } : { control, payload };
  switch (control.type) {
    case "SEND_SENDER": {
      if (has(DFLAG.SEND_SENDER)) return packet;
      const { fromPid: _from, type: _type, ...send } = control;
      return { ...packet, control: { type: "SEND", ...send } };
    }
    case "PAYLOAD_EXIT":
    case "PAYLOAD_EXIT2":
    case "PAYLOAD_MONITOR_P_EXIT": {
      if (has(DFLAG.EXIT_PAYLOAD)) return packet;
      // The older form has the same fields and the reason among them.
      const { type: _, ...rest } = control;
      return { control: { ...rest, type: control.type.slice("PAYLOAD_".length), reason: payload } as ControlMessage };
    }
    case "MONITOR_P":
    case "DEMONITOR_P":
      // A peer that knows only one of the two gets neither, as from OTP.
      return has(DFLAG.DIST_MONITOR) && has(DFLAG.DIST_MONITOR_NAME) ? packet : undefined;
    case "ALIAS_SEND":
      return has(DFLAG.ALIAS) ? packet : undefined;
    case "SPAWN_REQUEST":
    case "SPAWN_REPLY":
      return has(DFLAG.SPAWN) ? packet : undefined;
    case "ALTACT_SIG_SEND": {
      if (has(DFLAG.ALTACT_SIG)) return packet;
      const older = withoutPriority(control);
      return older === undefined ? undefined : packetForPeer(older, payload, flags);
    }
    default:
      return packet;
  }
}

/** The same signal without its priority. An exit signal to an alias has no older form. */
function withoutPriority({ flags, fromPid, to, traceToken }: ControlMessageOf<"ALTACT_SIG_SEND">): ControlMessage | undefined {
  const traced = traceToken === undefined ? {} : { traceToken };
  const isExit = (flags & ALTACT.EXIT) !== 0;
  if (to instanceof Pid) return { type: isExit ? "PAYLOAD_EXIT2" : "SEND_SENDER", fromPid, toPid: to, ...traced };
  if (isExit) return undefined;
  if (to instanceof Reference) return { type: "ALIAS_SEND", fromPid, alias: to, ...traced };
  return { type: "REG_SEND", fromPid, toName: to, ...traced };
}
