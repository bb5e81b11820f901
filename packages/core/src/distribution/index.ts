// The protocol between connected nodes, without I/O (erl_dist_protocol, "Protocol between Connected Nodes").
export { allForms } from "./all-forms.ts";
export { Connection, type ConnectionOptions } from "./connection.ts";
export {
  ALTACT,
  CONTROL_MESSAGES,
  type ControlMessage,
  type ControlMessageOf,
  type ControlSpec,
  type ControlType,
  controlToTerm,
  hasPayload,
} from "./control.ts";
export { controlFromTerm } from "./control-reader.ts";
export { atomName, type FieldKind, type FieldTypes, type Mfa, nameTerm } from "./control-fields.ts";
export type * from "./events.ts";
export { appendTick, type Packet } from "./packet.ts";
export { type PacketForm, packetForm } from "./packet-form.ts";
export { PacketReader } from "./packet-reader.ts";
export type { Packets, PacketSource, PacketsFor, PacketWriter } from "./packets.ts";
export { appendPacket, PassThrough } from "./pass-through.ts";
export { SendOnly } from "./send-only.ts";
export { packetForPeer } from "./for-peer.ts";
