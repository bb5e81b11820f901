// The protocol between connected nodes, without I/O (erl_dist_protocol, "Protocol between Connected Nodes").
export { Connection, type ConnectionOptions } from "./connection.ts";
export * from "./control.ts";
export { atomName, type FieldKind, type FieldTypes, type Mfa, nameTerm } from "./control-fields.ts";
export type * from "./events.ts";
export { appendPacket, appendTick, type Packet } from "./packet.ts";
export { type PacketForm, packetForm } from "./packet-form.ts";
export { PacketReader } from "./packet-reader.ts";
export { packetForPeer } from "./for-peer.ts";
