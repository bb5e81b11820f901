// The form of a control message that a peer of these flags takes. All releases since OTP 25 set them all; C nodes,
// jinterface and others may lack some of those that are not mandatory.
import type { Term } from "../etf/index.ts";
import { DFLAG } from "../handshake/index.ts";
import type { ControlMessage } from "./control.ts";
import type { Packet } from "./packet.ts";

/** `flags` are those that both nodes set. Undefined: the peer has no form of it, and OTP would not send it either. */
export function packetForPeer(control: ControlMessage, payload: Term | undefined, flags: bigint): Packet | undefined {
  const has = (flag: bigint): boolean => (flags & flag) !== 0n;
  const packet = payload === undefined ? { control } : { control, payload };
  const { type: _, ...rest } = control;
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
    default:
      return packet;
  }
}
