// Incarnations of the object's node: each instance is one, and counts on from the last.

const KEY = "creation";
/** Old nodes fold everything into the few values below. */
const LEAST = 4;
const END = 2 ** 32;

/** The creation of the next incarnation, kept in storage. The platform dials nothing before that is written. */
export function nextCreation({ kv }: Pick<DurableObjectStorage, "kv">): number {
  const creation = creationAfter(kv.get<number>(KEY));
  kv.put(KEY, creation);
  return creation;
}

/** One more than the last. The first is a random one: an object whose storage was deleted must not repeat itself. */
export function creationAfter(last: number | undefined): number {
  if (last === undefined) return LEAST + ((crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) >>> 1);
  return last + 1 < END ? last + 1 : LEAST;
}
