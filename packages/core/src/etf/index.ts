export { Atom, atom } from "./atom.ts";
export { type DecodeOptions, decode, decodeTerm, TermReader } from "./decode.ts";
export { appendTerm, type EncodeOptions, type EncodeTermOptions, encode } from "./encode.ts";
export { equals } from "./equal.ts";
export { map } from "./map.ts";
export { TAG, VERSION } from "./tags.ts";
export { termKey } from "./term-key.ts";
export * from "./terms.ts";
export { charlist, text } from "./text.ts";
