// What is measured: our codec and those that people would use instead. Each runs in a process of its own.
import { createRequire } from "node:module";
import { join } from "node:path";
import { decode, encode, type Term, Tuple } from "@erl-dist/core";
import { encodeForOtp25 } from "./encode-for-otp25.ts";
import { forJson, forPacking, plain } from "./plain.ts";

/** The two directions for one payload. Undefined: this codec cannot do that, for the reason given by `why`. */
export interface Prepared {
  readonly encode: (() => unknown) | undefined;
  readonly decode: (() => unknown) | undefined;
  readonly why?: string;
}

export interface Codec {
  readonly name: string;
  /** `bytes` is the external term. Throws where the codec cannot do anything with it. */
  readonly prepare: (bytes: Uint8Array) => Prepared;
}

const thirdParty = createRequire(join(import.meta.dirname, "../thirdparty/package.json"));
const toText = new TextDecoder();
const toBytes = new TextEncoder();

export const CODECS: Readonly<Record<string, () => Codec["prepare"]>> = {
  "erl-dist": () => (bytes) => {
    const term = decode(bytes);
    return { decode: () => decode(bytes), encode: () => encode(term) };
  },
  JSON: () => (bytes) => {
    const value = forJson(plain(decode(bytes)));
    const text = JSON.stringify(value);
    return { decode: () => JSON.parse(text) as unknown, encode: () => JSON.stringify(value) };
  },
  "JSON and UTF-8": () => (bytes) => {
    const value = forJson(plain(decode(bytes)));
    const text = toBytes.encode(JSON.stringify(value));
    return { decode: () => JSON.parse(toText.decode(text)) as unknown, encode: () => toBytes.encode(JSON.stringify(value)) };
  },
  msgpackr: () => {
    interface Packr {
      pack(value: unknown): Uint8Array;
      unpack(bytes: Uint8Array): unknown;
    }
    const { Packr } = thirdParty("msgpackr") as { readonly Packr: new (options: object) => Packr };
    // Larger maps than 65,535 need a header that is not used otherwise.
    return packing((value) => {
      const isLarge = value !== null && typeof value === "object" && Object.keys(value).length > 65_535;
      const packr = new Packr({ useRecords: false, variableMapSize: isLarge });
      return { encode: (item) => packr.pack(item), decode: (packed) => packr.unpack(packed) };
    });
  },
  "@msgpack/msgpack": () => {
    const library = thirdParty("@msgpack/msgpack") as {
      readonly Encoder: new (options: object) => { encode(value: unknown): Uint8Array };
      readonly Decoder: new (options: object) => { decode(bytes: Uint8Array): unknown };
    };
    const encoder = new library.Encoder({ useBigInt64: true, maxDepth: 20_000 });
    const decoder = new library.Decoder({ useBigInt64: true });
    return packing(() => ({ encode: (item) => encoder.encode(item), decode: (packed) => decoder.decode(packed) }));
  },
  "cbor-x": () => {
    interface Coder {
      encode(value: unknown): Uint8Array;
      decode(bytes: Uint8Array): unknown;
    }
    const { Encoder } = thirdParty("cbor-x") as { readonly Encoder: new (options: object) => Coder };
    const coder = new Encoder({ useRecords: false, mapsAsObjects: true });
    return packing(() => ({ encode: (item) => coder.encode(item), decode: (packed) => coder.decode(packed) }));
  },
  // Discord's, in C++. It knows atoms only as OTP 25 writes them to disk, and its process dies of terms that nest deep.
  erlpack: () => {
    const library = thirdParty("erlpack") as { pack(term: unknown): Uint8Array; unpack(bytes: Uint8Array): unknown };
    return (bytes) => {
      const term = decode(bytes);
      if (isDeep(term)) throw new Error("the term nests too deep for it");
      const old = Buffer.from(encodeForOtp25(term));
      const theirs = library.unpack(old);
      return { decode: () => library.unpack(old), encode: works(() => library.pack(theirs)) };
    };
  },
  "etf.js": () => {
    const library = thirdParty("etf.js") as { pack(term: unknown): Uint8Array; unpack(bytes: Uint8Array): unknown };
    return (bytes) => {
      const term = library.unpack(bytes);
      return { decode: () => library.unpack(bytes), encode: works(() => library.pack(term)) };
    };
  },
  erlang_js: () => {
    type Callback = (error: Error | undefined, value: unknown) => void;
    const { Erlang } = thirdParty("erlang_js") as {
      readonly Erlang: Record<"binary_to_term" | "term_to_binary", (input: unknown, callback: Callback) => void>;
    };
    const call = (direction: "binary_to_term" | "term_to_binary", input: unknown): unknown => {
      let result: unknown;
      Erlang[direction](input, (error, value) => {
        if (error) throw error;
        result = value;
      });
      return result;
    };
    return (bytes) => {
      const buffer = Buffer.from(bytes);
      const term = call("binary_to_term", buffer);
      return { decode: () => call("binary_to_term", buffer), encode: works(() => call("term_to_binary", term)) };
    };
  },
};

function packing(
  make: (value: unknown) => { encode(value: unknown): Uint8Array; decode(bytes: Uint8Array): unknown },
): Codec["prepare"] {
  return (bytes) => {
    const value = forPacking(plain(decode(bytes)));
    const coder = make(value);
    // Some hand out memory that the next call writes over.
    const packed = coder.encode(value).slice();
    coder.decode(packed);
    return { decode: () => coder.decode(packed), encode: () => coder.encode(value) };
  };
}

/** Whether tuples hold each other, as their last elements, more levels deep than any message does. */
function isDeep(term: Term): boolean {
  let inner: Term | undefined = term;
  for (let level = 0; level < 1000; level++) {
    if (!(inner instanceof Tuple)) return false;
    inner = inner.elements.at(-1);
  }
  return true;
}

/** The function, unless it fails the first time. */
function works(run: () => unknown): (() => unknown) | undefined {
  try {
    run();
    return run;
  } catch {
    return undefined;
  }
}
