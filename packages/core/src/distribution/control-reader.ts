// Reads control messages, by the table of control.ts.
import { ProtocolError } from "../errors.ts";
import { Atom, Pid, Reference, type Term, Tuple } from "../etf/index.ts";
import {
  ALTACT,
  CONTROL_MESSAGES,
  type ControlLayout,
  type ControlMessage,
  type ControlMessageOf,
  type ControlSpec,
  type ControlType,
  controlLayouts,
} from "./control.ts";
import { atomName, type FieldKind, type FieldTypes, type Mfa } from "./control-fields.ts";

/** Reads the tuple of a control message; ProtocolError for anything on which OTP would close the connection. */
export function controlFromTerm(term: Term): ControlMessage {
  return (term instanceof Tuple ? messageFrom(term.elements) : undefined) ?? tableFromTerm(term);
}

/** What connections carry by the million, as the table says and not by way of it (`npm run bench:dist`, receive); undefined for all else. */
function messageFrom(elements: readonly Term[]): ControlMessage | undefined {
  const [number, second, third, fourth] = elements;
  if (number === 22 && elements.length === 3) {
    return second instanceof Pid && third instanceof Pid ? { type: "SEND_SENDER", fromPid: second, toPid: third } : undefined;
  }
  if (number === 2 && elements.length === 3) return third instanceof Pid ? { type: "SEND", toPid: third } : undefined;
  if (number === 6 && elements.length === 4) {
    return second instanceof Pid && fourth instanceof Atom
      ? { type: "REG_SEND", fromPid: second, toName: fourth.name }
      : undefined;
  }
  if (number === 33 && elements.length === 3) {
    return second instanceof Pid && third instanceof Reference
      ? { type: "ALIAS_SEND", fromPid: second, alias: third }
      : undefined;
  }
  return undefined;
}

/** The same for any message, by the table alone. @internal */
export function tableFromTerm(term: Term): ControlMessage {
  const number = term instanceof Tuple ? term.elements[0] : undefined;
  const layout = typeof number === "number" ? BY_NUMBER[number] : undefined;
  if (!(term instanceof Tuple) || layout === undefined) {
    throw new ProtocolError("unknown_control_message", `no control message has the number ${String(number)}`);
  }
  const { elements } = term;
  const { type, fields, readers, refused, traced } = layout;
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
    const value = (readers[index] as FieldReader)(elements[at < tokenAt ? at : at + 1] as Term);
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
  return ((readFlags(flags as Term) ?? 0) & ALTACT.TOKEN) !== 0;
}

function checkAlternative({ flags, to }: ControlMessageOf<"ALTACT_SIG_SEND">): void {
  const expected = flags & (ALTACT.ALIAS | ALTACT.NAME);
  const isAlias = to instanceof Reference;
  const got = typeof to === "string" ? ALTACT.NAME : isAlias ? ALTACT.ALIAS : 0;
  if (expected !== got) throw new ProtocolError("bad_control_message", `the flags ${flags} of ALTACT_SIG_SEND do not fit its To`);
}

/** The field that has no meaning. */
const UNUSED = "unused";

const readPid = (term: Term): Pid | undefined => (term instanceof Pid ? term : undefined);
const readReference = (term: Term): Reference | undefined => (term instanceof Reference ? term : undefined);

/** Each gives the value, or undefined when the term is not of this kind. */
const FIELD_READERS: { readonly [K in FieldKind]: (term: Term) => FieldTypes[K] | undefined } = {
  pid: readPid,
  reference: readReference,
  name: atomName,
  pidOrName: (term) => readPid(term) ?? atomName(term),
  destination: (term) => readPid(term) ?? readReference(term) ?? atomName(term),
  unlinkId: readUnlinkId,
  flags: readFlags,
  mfa: readMfa,
  list: (term) => (Array.isArray(term) ? term : undefined),
  term: (term) => term,
  unused: () => undefined,
};

const MAX_UNLINK_ID = 2n ** 64n - 1n;

function readUnlinkId(term: Term): bigint | undefined {
  if (typeof term !== "bigint" && !Number.isSafeInteger(term)) return undefined;
  const id = BigInt(term as number | bigint);
  return id >= 1n && id <= MAX_UNLINK_ID ? id : undefined;
}

function readFlags(term: Term): number | undefined {
  if (typeof term === "bigint") return term < 0n ? undefined : Number(BigInt.asUintN(32, term));
  return typeof term === "number" && Number.isSafeInteger(term) && term >= 0 ? term % 2 ** 32 : undefined;
}

function readMfa(term: Term): Mfa | undefined {
  if (!(term instanceof Tuple) || term.length !== 3) return undefined;
  const [module, name, arity] = [...term] as [Term, Term, Term];
  const moduleName = atomName(module);
  const functionName = atomName(name);
  if (moduleName === undefined || functionName === undefined || typeof arity !== "number") return undefined;
  return { module: moduleName, function: functionName, arity };
}

type FieldReader = (term: Term) => unknown;

interface ReadLayout extends ControlLayout {
  readonly readers: readonly FieldReader[];
}

/** By the first element, traced forms too. */
const BY_NUMBER: readonly (ReadLayout | undefined)[] = (() => {
  const layouts: (ReadLayout | undefined)[] = Array.from({ length: 256 }, () => undefined);
  for (const line of controlLayouts()) {
    const layout = { ...line, readers: line.kinds.map((kind) => FIELD_READERS[kind]) };
    layouts[layout.number] = layout;
    if (layout.traced !== undefined) layouts[layout.traced.number] = layout;
  }
  return layouts;
})();
