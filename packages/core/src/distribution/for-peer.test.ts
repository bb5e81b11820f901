import { describe, expect, it } from "vitest";
import { atom, Pid, Reference, type Term } from "../etf/index.ts";
import { DFLAG, PASS_THROUGH_FLAGS } from "../handshake/index.ts";
import type { ControlMessage } from "./control.ts";
import { packetForPeer } from "./for-peer.ts";

const fromPid = new Pid(atom("a@h"), 1, 0, 7);
const toPid = new Pid(atom("b@h"), 2, 0, 8);
const ref = new Reference(atom("a@h"), 7, [1, 2, 3]);
const reason = atom("bang");

const without = (...flags: readonly bigint[]): bigint => flags.reduce((left, flag) => left & ~flag, PASS_THROUGH_FLAGS);

const CASES: readonly (readonly [
  ControlMessage,
  Term | undefined,
  flags: bigint,
  ControlMessage | undefined,
  Term | undefined,
])[] = [
  [{ type: "SEND_SENDER", fromPid, toPid }, 1, without(DFLAG.SEND_SENDER), { type: "SEND", toPid }, 1],
  [
    { type: "SEND_SENDER", fromPid, toPid, traceToken: 5 },
    1,
    without(DFLAG.SEND_SENDER),
    { type: "SEND", toPid, traceToken: 5 },
    1,
  ],
  [
    { type: "PAYLOAD_EXIT", fromPid, toPid },
    reason,
    without(DFLAG.EXIT_PAYLOAD),
    { type: "EXIT", fromPid, toPid, reason },
    undefined,
  ],
  [
    { type: "PAYLOAD_EXIT2", fromPid, toPid },
    reason,
    without(DFLAG.EXIT_PAYLOAD),
    { type: "EXIT2", fromPid, toPid, reason },
    undefined,
  ],
  [
    { type: "PAYLOAD_MONITOR_P_EXIT", fromProc: "srv", toPid, ref },
    reason,
    without(DFLAG.EXIT_PAYLOAD),
    { type: "MONITOR_P_EXIT", fromProc: "srv", toPid, ref, reason },
    undefined,
  ],
  [{ type: "MONITOR_P", fromPid, toProc: "srv", ref }, undefined, without(DFLAG.DIST_MONITOR_NAME), undefined, undefined],
  [{ type: "ALIAS_SEND", fromPid, alias: ref }, 1, without(DFLAG.ALIAS), undefined, undefined],
  [{ type: "LINK", fromPid, toPid }, undefined, 0n, { type: "LINK", fromPid, toPid }, undefined],
];

describe("a peer without some flag", () => {
  it.each(CASES)("gets the form that it knows of $type", (control, payload, flags, expected, expectedPayload) => {
    const packet = packetForPeer(control, payload, flags);
    expect(packet?.control).toEqual(expected);
    expect(packet?.payload).toEqual(expectedPayload);
  });

  it.each(CASES)("is the exception: others get $type as it is", (control, payload) => {
    const packet = packetForPeer(control, payload, PASS_THROUGH_FLAGS);
    expect(packet).toEqual(payload === undefined ? { control } : { control, payload });
  });
});
