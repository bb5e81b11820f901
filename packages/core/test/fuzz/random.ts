// Random numbers that a seed repeats, and what a fuzzer does to an input with them.

/** A generator of numbers from 0 up to (not including) `below`. */
export type Random = (below: number) => number;

/** Mulberry32: small, fast, and the same on every runtime. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** One of these; the list is not empty. */
export function pick<T>(list: readonly T[], random: Random): T {
  return list[random(list.length)] as T;
}

const TELLING = [0, 1, 2, 0x7f, 0x80, 0xfe, 0xff];

/** One to eight small changes: bytes set, lengths blown up, parts removed, doubled or taken from another input. */
export function mutate(input: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  let bytes = input;
  for (let changes = 1 + random(8); changes > 0; changes--) bytes = change(bytes, other, random);
  return bytes;
}

function change(bytes: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  const at = random(bytes.length + 1);
  const length = 1 + random(8);
  switch (random(7)) {
    case 0:
      return spliced(bytes, at, 1, Uint8Array.of(random(256)));
    case 1:
      return spliced(bytes, at, 1, Uint8Array.of(pick(TELLING, random)));
    case 2:
      return spliced(
        bytes,
        at,
        4,
        Uint8Array.from({ length: 4 }, () => pick(TELLING, random)),
      );
    case 3:
      return spliced(bytes, at, length, new Uint8Array());
    case 4:
      return spliced(bytes, at, 0, bytes.slice(at, at + length * 4));
    case 5: {
      const from = random(other.length + 1);
      return spliced(bytes, at, random(2) * length, other.slice(from, from + random(64)));
    }
    default:
      return bytes.slice(0, at);
  }
}

function spliced(bytes: Uint8Array, at: number, removed: number, inserted: Uint8Array): Uint8Array {
  const end = Math.min(bytes.length, at + removed);
  const made = new Uint8Array(at + inserted.length + bytes.length - end);
  made.set(bytes.subarray(0, at));
  made.set(inserted, at);
  made.set(bytes.subarray(end), at + inserted.length);
  return made;
}
