// Packets that went between a peer of ours and real OTP nodes, after the handshake, in three modes and three releases.
import { packetForm, type PacketForm } from "../../src/distribution/index.ts";
import { DFLAG } from "../../src/handshake/index.ts";
import { bytesOf } from "./hex.ts";

export interface PacketCapture {
  /** For example "OTP 29.1.1: cache and fragments". */
  readonly title: string;
  readonly flags: bigint;
  readonly form: PacketForm;
  /** The node's name. */
  readonly node: string;
  /** What the node sent, packet by packet with lengths. */
  readonly received: readonly Uint8Array[];
  /** What the peer sent. */
  readonly sent: readonly Uint8Array[];
}

/** Reads `packets.txt` of the vectors. */
export function packetCaptures(text: string): PacketCapture[] {
  const sections = text.split("\n# OTP ").slice(1);
  return sections.map((section) => {
    const [heading = "", ...lines] = section.trim().split("\n");
    const cache = heading.includes("cache") ? DFLAG.DIST_HDR_ATOM_CACHE : 0n;
    const flags = cache | (heading.includes("fragments") ? DFLAG.FRAGMENTS : 0n);
    const packets = (direction: string): Uint8Array[] =>
      lines.filter((line) => line.startsWith(direction)).map((line) => bytesOf(repeated(line.slice(1))));
    return {
      title: `OTP ${heading}`,
      flags: flags | DFLAG.SEND_SENDER | DFLAG.EXIT_PAYLOAD | DFLAG.SPAWN,
      form: packetForm(flags),
      node: `o${heading.slice(0, 2)}@127.0.0.1`,
      received: packets("<"),
      sent: packets(">"),
    };
  });
}

function repeated(hex: string): string {
  return hex.replaceAll(/(..)\*(\d+)/g, (_, byte: string, times: string) => byte.repeat(Number(times)));
}
