// Requests of the I/O protocol (stdlib, "The Erlang I/O Protocol"), whichever of their forms they come in.
import { Atom, type Term, Tuple } from "../etf/index.ts";

export type IoEncoding = "unicode" | "latin1";

export type IoRequest =
  | { readonly type: "put_chars"; readonly encoding: IoEncoding; readonly chars: Term }
  /** `apply(Module, Function, Args)` gives the characters. */
  | { readonly type: "put_applied"; readonly encoding: IoEncoding; readonly call: IoCall }
  | { readonly type: "get_line"; readonly encoding: IoEncoding; readonly prompt: Term }
  | { readonly type: "get_chars"; readonly encoding: IoEncoding; readonly prompt: Term; readonly count: number }
  /** `apply(Module, Function, [Continuation, Characters | Args])` says whether it has read enough. */
  | { readonly type: "get_until"; readonly encoding: IoEncoding; readonly prompt: Term; readonly call: IoCall }
  | { readonly type: "get_password"; readonly encoding: IoEncoding }
  | { readonly type: "getopts" }
  | { readonly type: "setopts"; readonly options: Term }
  | { readonly type: "get_geometry"; readonly what: string }
  | { readonly type: "requests"; readonly requests: readonly Term[] };

export interface IoCall {
  readonly module: Atom;
  readonly function: Atom;
  readonly args: readonly Term[];
}

/** Reads a request; undefined for one that is not known. Without an encoding, as before Unicode, it is Latin-1. */
export function parseIoRequest(request: Term): IoRequest | undefined {
  if (request instanceof Atom) return request.name === "getopts" ? { type: "getopts" } : undefined;
  if (!(request instanceof Tuple)) return undefined;
  const [tag, ...rest] = request.elements;
  if (!(tag instanceof Atom)) return undefined;
  const [first] = rest;
  switch (tag.name) {
    case "setopts":
      return rest.length === 1 && first !== undefined ? { type: "setopts", options: first } : undefined;
    case "get_geometry":
      return rest.length === 1 && first instanceof Atom ? { type: "get_geometry", what: first.name } : undefined;
    case "requests":
      return rest.length === 1 && Array.isArray(first) ? { type: "requests", requests: first } : undefined;
    default: {
      const encoding = encodingOf(first, tag.name, rest.length);
      return parseText(tag.name, encoding ?? "latin1", encoding === undefined ? rest : rest.slice(1));
    }
  }
}

/** How many fields follow the encoding. */
const FIELDS: Readonly<Record<string, readonly number[]>> = {
  put_chars: [1, 3],
  get_line: [1],
  get_chars: [2],
  get_until: [4],
  get_password: [0],
};

/** The first field is an encoding where one field more is there than the old form has. */
function encodingOf(first: Term | undefined, name: string, fields: number): IoEncoding | undefined {
  if (!(first instanceof Atom) || FIELDS[name]?.includes(fields - 1) !== true) return undefined;
  if (first.name === "unicode" || first.name === "utf8") return "unicode";
  return first.name === "latin1" ? "latin1" : undefined;
}

function parseText(name: string, encoding: IoEncoding, fields: readonly Term[]): IoRequest | undefined {
  if (FIELDS[name]?.includes(fields.length) !== true) return undefined;
  // As many as were just counted.
  const [first, second] = fields as [Term, Term];
  const call = callOf(fields.slice(-3));
  switch (name) {
    case "put_chars":
      if (fields.length === 1) return { type: "put_chars", encoding, chars: first };
      return call === undefined ? undefined : { type: "put_applied", encoding, call };
    case "get_line":
      return { type: "get_line", encoding, prompt: first };
    case "get_chars":
      return typeof second === "number" && second >= 0
        ? { type: "get_chars", encoding, prompt: first, count: second }
        : undefined;
    case "get_until":
      return call === undefined ? undefined : { type: "get_until", encoding, prompt: first, call };
    case "get_password":
      return { type: "get_password", encoding };
    default:
      return undefined;
  }
}

function callOf([module, fun, args]: readonly (Term | undefined)[]): IoCall | undefined {
  if (!(module instanceof Atom) || !(fun instanceof Atom) || !Array.isArray(args)) return undefined;
  return { module, function: fun, args };
}
