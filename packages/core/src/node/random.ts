// The node's random numbers; the protocol layers take theirs as arguments.

/** A challenge nobody can foresee: 32 bits. */
export function newChallenge(): number {
  return random32();
}

/** Old nodes fold everything into the few values below. */
export const MIN_CREATION = 4;

/** A creation: 32 bits, and none of the small values. */
export function newCreation(): number {
  for (;;) {
    const creation = random32();
    if (creation >= MIN_CREATION) return creation;
  }
}

/** A number from 0 to 1, 1 excluded. */
export function newFraction(): number {
  return random32() / 2 ** 32;
}

function random32(): number {
  const [value = 0] = crypto.getRandomValues(new Uint32Array(1));
  return value;
}
