import { expect } from "vitest";
import { DecodeError } from "../../src/errors.ts";

/**
 * What holds for every decoder of one thing: cut short at any byte it throws "truncated", whatever lies behind it changes
 * nothing and is not consumed, and neither is it read from before the start. `read` gives what was read and where it ended.
 */
export function expectDecoderLaws(bytes: Uint8Array, read: (bytes: Uint8Array) => { value: unknown; end: number }): void {
  const whole = read(bytes);
  expect(whole.end).toBe(bytes.length);
  for (let length = 0; length < bytes.length; length++) {
    // In the middle of a larger buffer, so that reading on would find bytes.
    const cut = placed(bytes, 5, 3).subarray(5, 5 + length);
    expect(
      codeOf(() => read(cut)),
      `cut to ${length} of ${bytes.length} bytes`,
    ).toBe("truncated");
  }
  for (const trailing of [0, 0x6a, 0xff]) {
    const longer = new Uint8Array(bytes.length + 4).fill(trailing);
    longer.set(bytes);
    expect(read(longer)).toEqual(whole);
    expect(read(placed(longer, 3, 0).subarray(3))).toEqual(whole);
  }
}

function placed(bytes: Uint8Array, before: number, behind: number): Uint8Array {
  const larger = new Uint8Array(before + bytes.length + behind).fill(0x61);
  larger.set(bytes, before);
  return larger;
}

/** The code of the DecodeError thrown, or a description of what happened in its place. */
export function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return error instanceof DecodeError ? error.code : String(error);
  }
  return "no error";
}
