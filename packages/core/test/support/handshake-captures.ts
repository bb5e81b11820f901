// Whole handshakes with real OTP nodes, as they went over the wire.
import text from "../vectors/handshakes.txt?raw";
import { bytesOf } from "./hex.ts";

export interface Capture {
  /** For example "OTP 29.1.1: dynamic name". */
  readonly title: string;
  readonly kind: string;
  /** The node's name. */
  readonly node: string;
  /** What the peer that connected sent, packet by packet with lengths. */
  readonly sent: readonly Uint8Array[];
  /** What the node sent. */
  readonly received: readonly Uint8Array[];
}

export const CAPTURES: readonly Capture[] = text
  .split("\n# OTP ")
  .slice(1)
  .map((section) => {
    const [heading = "", ...lines] = section.trim().split("\n");
    const packets = (direction: string): Uint8Array[] =>
      lines.filter((line) => line.startsWith(direction) && !line.includes("closed")).map((line) => bytesOf(line.slice(1)));
    return {
      title: `OTP ${heading}`,
      kind: heading.slice(heading.indexOf(": ") + 2),
      node: `o${heading.slice(0, 2)}@127.0.0.1`,
      sent: packets(">"),
      received: packets("<"),
    };
  });

export function captureOf(kind: string, node = "o29@127.0.0.1"): Capture {
  const found = CAPTURES.find((capture) => capture.kind === kind && capture.node === node);
  if (found === undefined) throw new Error(`no capture of ${kind} with ${node}`);
  return found;
}
