// Pids and references of our own node.
//
// A node without a name of its own gets one from the first peer (dynamic node name), and its processes are there before.
// Erlang's local pids hold no node name, so they simply have the new one afterwards. Ours hold it, so at that moment each
// identifier that is still in some table is moved: the same object then has another `node` and `creation`. Until then it
// is of `nonode@nohost`, creation 0, as in Erlang. Copies that the program keeps elsewhere (a reference used as a tag) stay
// what they are and still compare equal to what a peer sends back.
import { type Atom, atom, Pid, Reference, termKey } from "../etf/index.ts";

export const NO_NAME = "nonode@nohost";

/** What OTP 25 takes from everybody: ids below 2^28. */
const MAX_ID = 2 ** 28;
const WORD = 2 ** 32;
/** The first word of a reference has 18 bits on all releases. */
const FIRST_WORD = 2 ** 18;

/** Pids with a lower serial have a number of their own. */
const EXACT_SERIAL = 2 ** 21;

export type Key = string | number;

export class Identifiers {
  #node: Atom = atom(NO_NAME);
  #creation = 0;
  #id = 0;
  #serial = 0;
  #words: [number, number, number] = [0, 0, 0];

  get name(): string {
    return this.#node.name;
  }

  get creation(): number {
    return this.#creation;
  }

  /** Names the node; identifiers that live on have to be moved. */
  rename(name: string, creation: number): void {
    this.#node = atom(name);
    this.#creation = creation;
  }

  newPid(): Pid {
    this.#id += 1;
    if (this.#id === MAX_ID) {
      this.#id = 1;
      this.#serial += 1;
    }
    return new Pid(this.#node, this.#id, this.#serial, this.#creation);
  }

  newReference(): Reference {
    const [low, middle, high] = this.#words;
    const next = low + 1;
    this.#words = [next % FIRST_WORD, middle, high];
    if (next === FIRST_WORD) {
      this.#words[1] = (middle + 1) % WORD;
      if (this.#words[1] === 0) this.#words[2] = (high + 1) % WORD;
    }
    return new Reference(this.#node, this.#creation, [...this.#words]);
  }

  /** Whether this incarnation of our node made it. */
  isOwn({ node, creation }: Pid | Reference): boolean {
    return creation === this.#creation && node.name === this.#node.name;
  }

  /**
   * Key for tables of pids, or for tables of references; that of our own identifiers stays the same when the node is named. A
   * number for those that we make: a call takes eight of them (`npm run bench:dist`, gen_server:call).
   */
  key(identifier: Pid | Reference): Key {
    if (!this.isOwn(identifier)) return termKey(identifier);
    if (identifier instanceof Pid) {
      const { id, serial } = identifier;
      return serial < EXACT_SERIAL ? serial * WORD + id : `pid ${id}.${serial}`;
    }
    const { ids } = identifier;
    const [low = 0, middle = 0, high = 0] = ids;
    return ids.length === 3 && high === 0 && low < FIRST_WORD ? middle * FIRST_WORD + low : `ref ${ids.join(".")}`;
  }

  /** Gives an identifier of ours the node's present name and creation. */
  move(identifier: Pid | Reference): void {
    // Identifiers are immutable to everybody else; see above for the one moment in which they change.
    const writable = identifier as { node: Atom; creation: number };
    writable.node = this.#node;
    writable.creation = this.#creation;
  }
}
