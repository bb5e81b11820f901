// Incarnations of the object's node: each instance is one, and counts on from the last.

const KEY = "creation";
/** Old nodes fold everything into the few values below. */
const LEAST = 4;
const END = 2 ** 32;

/**
 * The creation of the next incarnation. `keep` writes it down, and resolves when that will outlast the instance: before any peer may
 * hear of it. It is apart because the platform holds back a connect() that comes after a write, but not one before.
 */
export function nextCreation({ kv, sync }: CreationStorage): { readonly creation: number; readonly keep: () => Promise<void> } {
  const creation = creationAfter(kv.get<number>(KEY));
  let kept: Promise<void> | undefined;
  return {
    creation,
    keep() {
      if (kept === undefined) {
        kv.put(KEY, creation);
        kept = sync();
      }
      return kept;
    },
  };
}

interface CreationStorage extends Pick<DurableObjectStorage, "kv"> {
  readonly sync: () => Promise<void>;
}

/** One more than the last. The first is a random one: an object whose storage was deleted must not repeat itself. */
export function creationAfter(last: number | undefined): number {
  if (last === undefined) return LEAST + ((crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) >>> 1);
  return last + 1 < END ? last + 1 : LEAST;
}
