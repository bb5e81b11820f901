// ONE table of all control messages (erl_dist_protocol, "Protocol between Connected Nodes"): types, encoder, decoder,
// tests and documentation read it. A traced form (…_TT) is the same message with a trace token, so it has the same type here.
import { ProtocolError } from "../errors.ts";
import { Reference, type Term, Tuple } from "../etf/index.ts";
import { FIELD_CODECS, type FieldKind, type FieldTypes } from "./control-fields.ts";

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

/** The tuple of a control message, as it stands in a packet. */
export function controlToTerm(message: ControlMessage): Tuple {
  const { number, fields, codecs, traced } = LAYOUTS[message.type];
  // One field after the other by the table's names: the mapped type above ties those names to these values.
  const values = message as unknown as Readonly<Record<string, never>>;
  const elements: Term[] = [number];
  for (let index = 0; index < fields.length; index++) {
    elements.push((codecs[index] as AnyCodec).write(values[fields[index] as string] as never));
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

/** Reads the tuple of a control message; ProtocolError for anything on which OTP would close the connection. */
export function controlFromTerm(term: Term): ControlMessage {
  const number = term instanceof Tuple ? term.elements[0] : undefined;
  const layout = typeof number === "number" ? BY_NUMBER[number] : undefined;
  if (!(term instanceof Tuple) || layout === undefined) {
    throw new ProtocolError("unknown_control_message", `no control message has the number ${String(number)}`);
  }
  const { elements } = term;
  const { type, fields, codecs, refused, traced } = layout;
  if (refused !== undefined) throw new ProtocolError("bad_control_message", refused);
  const isAlternative = type === "ALTACT_SIG_SEND";
  const isTraced = isAlternative ? hasTokenFlag(elements[1]) : number === traced?.number;
  const tokenAt = isTraced && traced !== undefined ? traced.at : Infinity;
  const arity = 1 + fields.length + (isTraced ? 1 : 0);
  if (elements.length < arity || (elements.length > arity && !isAlternative)) {
    throw new ProtocolError("bad_control_message", `${type} has ${arity} elements, ${elements.length} came`);
  }
  // All messages of a type get their fields in one order, so that they are of one shape for the JavaScript engine.
  const message: Record<string, unknown> = { type };
  for (let index = 0; index < fields.length; index++) {
    const at = index + 1;
    // The arity was checked above, so there is an element for each field.
    const value = (codecs[index] as AnyCodec).read(elements[at < tokenAt ? at : at + 1] as Term);
    const field = fields[index] as string;
    if (field === UNUSED) continue;
    if (value === undefined) throw notOfKind(type, field);
    message[field] = value;
  }
  if (isTraced) message["traceToken"] = elements[tokenAt];
  // The loop above made exactly the fields that the table, and with it the type, names.
  const control = message as unknown as ControlMessage;
  if (control.type === "ALTACT_SIG_SEND") checkAlternative(control);
  return control;
}

function notOfKind(type: ControlType, field: string): ProtocolError {
  const { fields }: ControlSpec = CONTROL_MESSAGES[type];
  return new ProtocolError("bad_control_message", `${field} of ${type} is not a ${fields[field]}`);
}

function hasTokenFlag(flags: Term | undefined): boolean {
  return ((FIELD_CODECS.flags.read(flags as Term) ?? 0) & ALTACT.TOKEN) !== 0;
}

function checkAlternative({ flags, to }: ControlMessageOf<"ALTACT_SIG_SEND">): void {
  const expected = flags & (ALTACT.ALIAS | ALTACT.NAME);
  const isAlias = to instanceof Reference;
  const got = typeof to === "string" ? ALTACT.NAME : isAlias ? ALTACT.ALIAS : 0;
  if (expected !== got) throw new ProtocolError("bad_control_message", `the flags ${flags} of ALTACT_SIG_SEND do not fit its To`);
}

/** The field that has no meaning. */
const UNUSED = "unused";

// What kind of field a codec is for is known where the table is read, and nowhere else.
type AnyCodec = { read(term: Term): unknown; write(value: never): Term };

/** A line of the table, ready for use. */
interface Layout {
  readonly type: ControlType;
  readonly number: number;
  readonly fields: readonly string[];
  readonly codecs: readonly AnyCodec[];
  readonly hasPayload: boolean;
  readonly traced: ControlSpec["traced"];
  readonly refused: string | undefined;
}

// Object.keys is typed as string[], Object.fromEntries by string; these are the table's own keys.
const TYPES = Object.keys(CONTROL_MESSAGES) as ControlType[];
const LAYOUTS = Object.fromEntries(TYPES.map((type) => [type, layoutOf(type)])) as Readonly<Record<ControlType, Layout>>;

function layoutOf(type: ControlType): Layout {
  const { number, fields, payload, traced, refused }: ControlSpec = CONTROL_MESSAGES[type];
  return {
    type,
    number,
    fields: Object.keys(fields),
    codecs: Object.values(fields).map((kind) => FIELD_CODECS[kind]),
    hasPayload: payload !== undefined,
    traced,
    refused,
  };
}

/** By the first element, traced forms too. */
const BY_NUMBER: readonly (Layout | undefined)[] = (() => {
  const layouts: (Layout | undefined)[] = Array.from({ length: 256 }, () => undefined);
  for (const type of TYPES) {
    const layout = LAYOUTS[type];
    layouts[layout.number] = layout;
    if (layout.traced !== undefined) layouts[layout.traced.number] = layout;
  }
  return layouts;
})();
