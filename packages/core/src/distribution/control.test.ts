import { describe, expect, it } from "vitest";
import { ProtocolError } from "../errors.ts";
import { atom, Pid, Reference, type Term, termKey, tuple } from "../etf/index.ts";
import { ALTACT, CONTROL_MESSAGES, type ControlMessage, controlToTerm, tableToTerm } from "./control.ts";
import { controlFromTerm, tableFromTerm } from "./control-reader.ts";

const fromPid = new Pid(atom("a@h"), 1, 0, 7);
const toPid = new Pid(atom("b@h"), 2, 0, 8);
const ref = new Reference(atom("a@h"), 7, [1, 2, 3]);
const empty = atom("");
const reason = atom("bang");
// What seq_trace adds: {Flags, Label, Serial, FromPid, Previous}.
const traceToken = tuple(1, atom("label"), 1, fromPid, 0);

// The tuples as the chapter "Protocol between Connected Nodes" writes them, and as OTP 29 was seen to send them.
const EXAMPLES: readonly (readonly [ControlMessage, readonly Term[]])[] = [
  [{ type: "LINK", fromPid, toPid }, [1, fromPid, toPid]],
  [{ type: "SEND", toPid }, [2, empty, toPid]],
  [{ type: "SEND", toPid, traceToken }, [12, empty, toPid, traceToken]],
  [{ type: "EXIT", fromPid, toPid, reason }, [3, fromPid, toPid, reason]],
  [{ type: "EXIT", fromPid, toPid, reason, traceToken }, [13, fromPid, toPid, traceToken, reason]],
  [{ type: "UNLINK", fromPid, toPid }, [4, fromPid, toPid]],
  [{ type: "REG_SEND", fromPid, toName: "net_kernel" }, [6, fromPid, empty, atom("net_kernel")]],
  [{ type: "REG_SEND", fromPid, toName: "true" }, [6, fromPid, empty, true]],
  [{ type: "REG_SEND", fromPid, toName: "nm", traceToken }, [16, fromPid, empty, atom("nm"), traceToken]],
  [{ type: "GROUP_LEADER", leaderPid: fromPid, toPid }, [7, fromPid, toPid]],
  [{ type: "EXIT2", fromPid, toPid, reason }, [8, fromPid, toPid, reason]],
  [{ type: "EXIT2", fromPid, toPid, reason, traceToken }, [18, fromPid, toPid, traceToken, reason]],
  [{ type: "MONITOR_P", fromPid, toProc: toPid, ref }, [19, fromPid, toPid, ref]],
  [{ type: "MONITOR_P", fromPid, toProc: "srv", ref }, [19, fromPid, atom("srv"), ref]],
  [{ type: "DEMONITOR_P", fromPid, toProc: "srv", ref }, [20, fromPid, atom("srv"), ref]],
  [{ type: "MONITOR_P_EXIT", fromProc: "srv", toPid, ref, reason }, [21, atom("srv"), toPid, ref, reason]],
  [{ type: "SEND_SENDER", fromPid, toPid }, [22, fromPid, toPid]],
  [{ type: "SEND_SENDER", fromPid, toPid, traceToken }, [23, fromPid, toPid, traceToken]],
  [{ type: "PAYLOAD_EXIT", fromPid, toPid }, [24, fromPid, toPid]],
  [{ type: "PAYLOAD_EXIT", fromPid, toPid, traceToken }, [25, fromPid, toPid, traceToken]],
  [{ type: "PAYLOAD_EXIT2", fromPid, toPid }, [26, fromPid, toPid]],
  [{ type: "PAYLOAD_EXIT2", fromPid, toPid, traceToken }, [27, fromPid, toPid, traceToken]],
  [{ type: "PAYLOAD_MONITOR_P_EXIT", fromProc: fromPid, toPid, ref }, [28, fromPid, toPid, ref]],
  [
    {
      type: "SPAWN_REQUEST",
      reqId: ref,
      fromPid,
      groupLeader: toPid,
      mfa: { module: "erpc", function: "execute_call", arity: 4 },
      optList: [atom("monitor")],
    },
    [29, ref, fromPid, toPid, tuple(atom("erpc"), atom("execute_call"), 4), [atom("monitor")]],
  ],
  [
    {
      type: "SPAWN_REQUEST",
      reqId: ref,
      fromPid,
      groupLeader: toPid,
      mfa: { module: "m", function: "f", arity: 0 },
      optList: [],
      traceToken,
    },
    [30, ref, fromPid, toPid, tuple(atom("m"), atom("f"), 0), [], traceToken],
  ],
  [{ type: "SPAWN_REPLY", reqId: ref, toPid, flags: 2, result: fromPid }, [31, ref, toPid, 2, fromPid]],
  [{ type: "SPAWN_REPLY", reqId: ref, toPid, flags: 0, result: "badopt" }, [31, ref, toPid, 0, atom("badopt")]],
  [
    { type: "SPAWN_REPLY", reqId: ref, toPid, flags: 0, result: "notsup", traceToken },
    [32, ref, toPid, 0, atom("notsup"), traceToken],
  ],
  [{ type: "ALIAS_SEND", fromPid, alias: ref }, [33, fromPid, ref]],
  [{ type: "ALIAS_SEND", fromPid, alias: ref, traceToken }, [34, fromPid, ref, traceToken]],
  [{ type: "UNLINK_ID", id: 1n, fromPid, toPid }, [35, 1n, fromPid, toPid]],
  [{ type: "UNLINK_ID", id: 2n ** 64n - 1n, fromPid, toPid }, [35, 2n ** 64n - 1n, fromPid, toPid]],
  [{ type: "UNLINK_ID_ACK", id: 5n, fromPid, toPid }, [36, 5n, fromPid, toPid]],
  [{ type: "ALTACT_SIG_SEND", flags: ALTACT.PRIORITY, fromPid, to: toPid }, [37, 1, fromPid, toPid]],
  [{ type: "ALTACT_SIG_SEND", flags: ALTACT.ALIAS, fromPid, to: ref }, [37, 4, fromPid, ref]],
  [{ type: "ALTACT_SIG_SEND", flags: ALTACT.NAME | ALTACT.PRIORITY, fromPid, to: "nm" }, [37, 9, fromPid, atom("nm")]],
  [{ type: "ALTACT_SIG_SEND", flags: ALTACT.TOKEN, fromPid, to: toPid, traceToken }, [37, 2, fromPid, toPid, traceToken]],
];

describe("control messages", () => {
  it("have the tuples of the distribution protocol", () => {
    for (const [message, elements] of EXAMPLES) {
      expect(termKey(controlToTerm(message))).toBe(termKey(tuple(...elements)));
    }
  });

  it("are read from those tuples", () => {
    for (const [message, elements] of EXAMPLES) expect(controlFromTerm(tuple(...elements))).toEqual(message);
  });

  it("are written and read by the table as on the fast ways, and refused with the same words", () => {
    for (const [message, elements] of EXAMPLES) {
      expect(termKey(tableToTerm(message))).toBe(termKey(controlToTerm(message)));
      expect(tableFromTerm(tuple(...elements))).toEqual(controlFromTerm(tuple(...elements)));
      for (let at = 1; at < elements.length; at++) {
        const wrong = tuple(...elements.with(at, 1.5));
        const outcome = (read: (term: Term) => unknown): unknown => {
          try {
            return read(wrong);
          } catch (error) {
            return String(error);
          }
        };
        expect(outcome(controlFromTerm)).toEqual(outcome(tableFromTerm));
      }
    }
  });

  it("are all among the examples, those with a trace token twice", () => {
    const shown = new Set(EXAMPLES.map(([, [number]]) => number));
    const numbers = Object.values(CONTROL_MESSAGES).flatMap((spec) => {
      if ("refused" in spec) return [];
      return "traced" in spec ? [spec.number, spec.traced.number] : [spec.number];
    });
    expect(shown).toEqual(new Set(numbers));
  });

  // Each of these makes OTP close the connection.
  it.each<[string, Term]>([
    ["no tuple", [1, fromPid, toPid]],
    ["an empty tuple", tuple()],
    ["a number that nothing has", tuple(9, fromPid, toPid)],
    ["a number above all", tuple(38, fromPid, toPid)],
    ["a name for a number", tuple(atom("link"), fromPid, toPid)],
    ["too few elements", tuple(1, fromPid)],
    ["too many elements", tuple(1, fromPid, toPid, reason)],
    ["NODE_LINK", tuple(5)],
    ["a message to no pid", tuple(2, empty, atom("name"))],
    ["a name that is no atom", tuple(6, fromPid, empty, 17)],
    ["a reference that is none", tuple(19, fromPid, toPid, 1)],
    ["unlink id 0", tuple(35, 0, fromPid, toPid)],
    ["an unlink id of 65 bits", tuple(35, 2n ** 64n, fromPid, toPid)],
    ["no list of options", tuple(29, ref, fromPid, toPid, tuple(atom("m"), atom("f"), 0), atom("none"))],
    ["no function", tuple(29, ref, fromPid, toPid, tuple(atom("m"), atom("f")), [])],
    ["negative flags", tuple(37, -1, fromPid, toPid)],
    ["flags for an alias and a pid", tuple(37, ALTACT.ALIAS, fromPid, toPid)],
    ["flags for an alias and a name", tuple(37, ALTACT.ALIAS | ALTACT.NAME, fromPid, ref)],
    ["a token that is announced and missing", tuple(37, ALTACT.TOKEN, fromPid, toPid)],
  ])("are refused: %s", (_, term) => {
    expect(() => controlFromTerm(term)).toThrow(ProtocolError);
  });

  it("may have more elements and larger flags where later releases may add them", () => {
    expect(controlFromTerm(tuple(37, 2n ** 70n + 1n, fromPid, toPid, 1, 2, 3))).toEqual({
      type: "ALTACT_SIG_SEND",
      flags: 1,
      fromPid,
      to: toPid,
    });
  });
});
