// UTF-8 both ways, strictly: half a surrogate pair is an error, a byte order mark is a character like any other. What the
// encoder of terms needs is in utf8-writer.ts.

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Throws a RangeError for half a surrogate pair, which UTF-8 has no bytes for. */
export function utf8Bytes(text: string): Uint8Array<ArrayBuffer> {
  if (!text.isWellFormed()) throw new RangeError("a string with half a surrogate pair has no UTF-8 form");
  return encoder.encode(text);
}

/** The text of the bytes, or undefined where they are no UTF-8. */
export function utf8Text(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    // A fatal TextDecoder has only one thing to complain about.
    return undefined;
  }
}

/** The text of a few bytes if they are ASCII: calling TextDecoder takes several times as long. */
export function shortAscii(bytes: Uint8Array, start: number, length: number): string | undefined {
  if (length > SHORT_CHARACTERS) return undefined;
  const codes: number[] = [];
  for (let at = start; at < start + length; at++) {
    const code = bytes[at] ?? 0;
    if (code > 127) return undefined;
    codes.push(code);
  }
  return String.fromCharCode(...codes);
}

/** Up to this length a loop is faster than a call of TextDecoder. */
const SHORT_CHARACTERS = 48;
