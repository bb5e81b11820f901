// ONE table of all control messages (erl_dist_protocol, "Protocol between Connected Nodes"): types, encoder, decoder
// (control-reader.ts), tests and documentation read it. A traced form (…_TT) is the same message with a trace token, so it
// has the same type here.
import { type Term, Tuple } from "../etf/index.ts";
import { FIELD_WRITERS, type FieldKind, type FieldTypes, nameTerm } from "./control-fields.ts";

export interface ControlSpec {
  /** First element of the tuple. */
  readonly number: number;
  /** The other elements in the order of the wire. */
  readonly fields: Readonly<Record<string, FieldKind>>;
  /** What the term after the tuple is, where there must be one. */
  readonly payload?: "message" | "reason" | "arguments";
  /** Number of the form with a trace token, and the token's position in the tuple (0 is the number). */
  readonly traced?: { readonly number: number; readonly at: number };
  /** Why a node of today must not send it. */
  readonly refused?: string;
}

export const CONTROL_MESSAGES = {
  LINK: { number: 1, fields: { fromPid: "pid", toPid: "pid" } },
  SEND: { number: 2, fields: { unused: "unused", toPid: "pid" }, payload: "message", traced: { number: 12, at: 3 } },
  EXIT: { number: 3, fields: { fromPid: "pid", toPid: "pid", reason: "term" }, traced: { number: 13, at: 3 } },
  // Obsolete since UNLINK_ID; OTP 26 and later close the connection on it, so it is only ever received.
  UNLINK: { number: 4, fields: { fromPid: "pid", toPid: "pid" } },
  NODE_LINK: { number: 5, fields: {}, refused: "NODE_LINK has had no meaning since R3" },
  REG_SEND: {
    number: 6,
    fields: { fromPid: "pid", unused: "unused", toName: "name" },
    payload: "message",
    traced: { number: 16, at: 4 },
  },
  // The chapter calls the first pid FromPid; it is the new group leader.
  GROUP_LEADER: { number: 7, fields: { leaderPid: "pid", toPid: "pid" } },
  EXIT2: { number: 8, fields: { fromPid: "pid", toPid: "pid", reason: "term" }, traced: { number: 18, at: 3 } },
  MONITOR_P: { number: 19, fields: { fromPid: "pid", toProc: "pidOrName", ref: "reference" } },
  DEMONITOR_P: { number: 20, fields: { fromPid: "pid", toProc: "pidOrName", ref: "reference" } },
  MONITOR_P_EXIT: { number: 21, fields: { fromProc: "pidOrName", toPid: "pid", ref: "reference", reason: "term" } },
  SEND_SENDER: { number: 22, fields: { fromPid: "pid", toPid: "pid" }, payload: "message", traced: { number: 23, at: 3 } },
  PAYLOAD_EXIT: { number: 24, fields: { fromPid: "pid", toPid: "pid" }, payload: "reason", traced: { number: 25, at: 3 } },
  PAYLOAD_EXIT2: { number: 26, fields: { fromPid: "pid", toPid: "pid" }, payload: "reason", traced: { number: 27, at: 3 } },
  PAYLOAD_MONITOR_P_EXIT: {
    number: 28,
    fields: { fromProc: "pidOrName", toPid: "pid", ref: "reference" },
    payload: "reason",
  },
  SPAWN_REQUEST: {
    number: 29,
    fields: { reqId: "reference", fromPid: "pid", groupLeader: "pid", mfa: "mfa", optList: "list" },
    payload: "arguments",
    traced: { number: 30, at: 6 },
  },
  // Flags: 1 a link, 2 a monitor was set up. Result: the pid, or the name of the error.
  SPAWN_REPLY: {
    number: 31,
    fields: { reqId: "reference", toPid: "pid", flags: "flags", result: "pidOrName" },
    traced: { number: 32, at: 5 },
  },
  ALIAS_SEND: { number: 33, fields: { fromPid: "pid", alias: "reference" }, payload: "message", traced: { number: 34, at: 3 } },
  UNLINK_ID: { number: 35, fields: { id: "unlinkId", fromPid: "pid", toPid: "pid" } },
  UNLINK_ID_ACK: { number: 36, fields: { id: "unlinkId", fromPid: "pid", toPid: "pid" } },
  // OTP 28. The flags (ALTACT below) say what `to` is and whether a token follows; elements after those are to be ignored.
  ALTACT_SIG_SEND: {
    number: 37,
    fields: { flags: "flags", fromPid: "pid", to: "destination" },
    payload: "message",
    traced: { number: 37, at: 4 },
  },
} as const;

/** Flags of ALTACT_SIG_SEND. */
export const ALTACT = { PRIORITY: 1, TOKEN: 2, ALIAS: 4, NAME: 8, EXIT: 16 } as const;

export type ControlType = keyof typeof CONTROL_MESSAGES;

type Fields<K extends ControlType> = (typeof CONTROL_MESSAGES)[K]["fields"];
type Message<K extends ControlType> = { readonly type: K; readonly traceToken?: Term } & {
  readonly [F in Exclude<keyof Fields<K>, "unused">]: Fields<K>[F] extends FieldKind ? FieldTypes[Fields<K>[F]] : never;
};

/** A control message: the tuple without its payload. `traceToken` is there in the traced form (seq_trace). */
export type ControlMessage = { [K in ControlType]: Message<K> }[ControlType];

/** The control message of one type. */
export type ControlMessageOf<K extends ControlType> = Extract<ControlMessage, { readonly type: K }>;

/** Whether a term must follow the control message. */
export function hasPayload(type: ControlType): boolean {
  return LAYOUTS[type].hasPayload;
}

/** The term that must follow the control message, undefined when there is none. */
export function payloadOf({ type }: ControlMessage, payload: Term | undefined): Term | undefined {
  if (!hasPayload(type)) return undefined;
  if (payload === undefined) throw new TypeError(`${type} needs a payload`);
  return payload;
}

/** The tuple of a control message, as it stands in a packet. */
export function controlToTerm(message: ControlMessage): Tuple {
  if (message.traceToken === undefined) {
    // What connections carry by the million is made as the table says, and not by way of it (`npm run bench:dist`, send).
    if (message.type === "SEND_SENDER") return new Tuple([22, message.fromPid, message.toPid]);
    if (message.type === "REG_SEND") return new Tuple([6, message.fromPid, NOTHING, nameTerm(message.toName)]);
    if (message.type === "ALIAS_SEND") return new Tuple([33, message.fromPid, message.alias]);
  }
  return tableToTerm(message);
}

/** The same for any message, by the table alone. @internal */
export function tableToTerm(message: ControlMessage): Tuple {
  const { number, fields, writers, traced } = LAYOUTS[message.type];
  // One field after the other by the table's names: the mapped type above ties those names to these values.
  const values = message as unknown as Readonly<Record<string, never>>;
  const elements: Term[] = [number];
  for (let index = 0; index < fields.length; index++) {
    elements.push((writers[index] as FieldWriter)(values[fields[index] as string] as never));
  }
  if (message.type === "ALTACT_SIG_SEND") {
    const token = message.traceToken === undefined ? 0 : ALTACT.TOKEN;
    elements[1] = (message.flags & ~ALTACT.TOKEN) | token;
  }
  if (message.traceToken !== undefined && traced !== undefined) {
    elements[0] = traced.number;
    elements.splice(traced.at, 0, message.traceToken);
  }
  return new Tuple(elements);
}

/** What stands in the place of the cookie of old. */
const NOTHING = nameTerm("");

// What kind of field a writer is for is known where the table is read, and nowhere else.
type FieldWriter = (value: never) => Term;

/** A line of the table, ready for use. @internal */
export interface ControlLayout {
  readonly type: ControlType;
  readonly number: number;
  readonly fields: readonly string[];
  readonly kinds: readonly FieldKind[];
  readonly writers: readonly FieldWriter[];
  readonly hasPayload: boolean;
  readonly traced: ControlSpec["traced"];
  readonly refused: string | undefined;
}

// Object.keys is typed as string[], Object.fromEntries by string; these are the table's own keys.
const TYPES = Object.keys(CONTROL_MESSAGES) as ControlType[];
const LAYOUTS = Object.fromEntries(TYPES.map((type) => [type, layoutOf(type)])) as Readonly<Record<ControlType, ControlLayout>>;

/** All lines of the table. @internal */
export function controlLayouts(): readonly ControlLayout[] {
  return Object.values(LAYOUTS);
}

function layoutOf(type: ControlType): ControlLayout {
  const { number, fields, payload, traced, refused }: ControlSpec = CONTROL_MESSAGES[type];
  const kinds = Object.values(fields);
  return {
    type,
    number,
    fields: Object.keys(fields),
    kinds,
    writers: kinds.map((kind) => FIELD_WRITERS[kind]),
    hasPayload: payload !== undefined,
    traced,
    refused,
  };
}
