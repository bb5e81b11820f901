// What the processes of one scope tell each other (OTP's pg.erl, and data_publisher.erl from OTP 29 on).
//
// Version 0 is that of all releases, version 1 that of OTP 29. A node that knows version 1 says so in its `discover`, as a third
// element. On OTP 25 such a message brings pg down, and with it all memberships; the same goes for any message that it does not
// know. So we never send a `discover` of three elements, and anything else of version 1 only to whom has sent us one.
import { atom, ErlMap, map, Pid, type Term, Tuple, tuple } from "../etf/index.ts";
import type { GroupMembers } from "./pg-members.ts";

export type PgVersion = 0 | 1;

export type PgMessage =
  /** Somebody asks for all we have. */
  | { readonly type: "discover"; readonly peer: Pid; readonly version: PgVersion }
  /** All that the peer has. */
  | { readonly type: "sync"; readonly peer: Pid; readonly content: readonly GroupMembers[] }
  | { readonly type: "update"; readonly peer: Pid; readonly changes: readonly PgChange[] };

/** What joins a group and what leaves it. */
export interface PgChange {
  readonly group: Term;
  readonly joined: readonly Pid[];
  readonly left: readonly Pid[];
}

const CAST = atom("$gen_cast");

/** Reads a message; undefined for any other. A node speaks only for its own processes: others are left out. */
export function parsePgMessage(message: Term): PgMessage | undefined {
  if (!(message instanceof Tuple)) return undefined;
  // OTP casts some of them, and takes all of them either way.
  if (message.length === 2 && message.at(0) === CAST) return parsePgMessage(message.at(1));
  const [tag, peer, third, fourth] = message.elements;
  if (!(peer instanceof Pid)) return undefined;
  const changes = changesOf(message, peer);
  if (changes !== undefined) return { type: "update", peer, changes };
  if (tag === atom("discover") && message.length <= 3) {
    return { type: "discover", peer, version: typeof third === "number" && third >= 1 ? 1 : 0 };
  }
  if (tag === atom("sync") && message.length === 3) return sync(peer, third);
  if (tag === atom("local_data") && message.length === 4 && fourth instanceof ErlMap) {
    return sync(
      peer,
      [...fourth].map((entry) => new Tuple(entry)),
    );
  }
  return undefined;
}

function changesOf(message: Tuple, peer: Pid): PgChange[] | undefined {
  const [tag, , third, fourth] = message.elements;
  if (tag === atom("join") && message.length === 4 && third !== undefined) {
    const joined = pidsOf(fourth, peer);
    return joined === undefined ? undefined : [{ group: third, joined, left: [] }];
  }
  if (tag === atom("leave") && message.length === 4 && Array.isArray(fourth)) {
    const left = pidsOf(third, peer);
    return left === undefined ? undefined : fourth.map((group) => ({ group, joined: [], left }));
  }
  if (tag === atom("update") && message.length === 3 && Array.isArray(third)) return allOf(third, (term) => changeOf(term, peer));
  return undefined;
}

/** `{Group, Joined, Left}`. */
function changeOf(term: Term, peer: Pid): PgChange | undefined {
  if (!(term instanceof Tuple) || term.length !== 3) return undefined;
  const [group, add, remove] = term.elements as readonly [Term, Term, Term];
  const [joined, left] = [pidsOf(add, peer), pidsOf(remove, peer)];
  return joined === undefined || left === undefined ? undefined : { group, joined, left };
}

function sync(peer: Pid, groups: Term | undefined): PgMessage | undefined {
  const content = Array.isArray(groups) ? allOf(groups, (term) => groupOf(term, peer)) : undefined;
  return content === undefined ? undefined : { type: "sync", peer, content };
}

/** `{Group, Pids}`. */
function groupOf(term: Term, peer: Pid): GroupMembers | undefined {
  if (!(term instanceof Tuple) || term.length !== 2) return undefined;
  const [group, members] = term.elements as readonly [Term, Term];
  const pids = pidsOf(members, peer);
  return pids === undefined ? undefined : { group, pids };
}

function pidsOf(term: Term | undefined, { node }: Pid): readonly Pid[] | undefined {
  const terms = term instanceof Pid ? [term] : term;
  if (!Array.isArray(terms)) return undefined;
  return allOf(terms, (each) => (each instanceof Pid ? each : undefined))?.filter((pid) => pid.node.name === node.name);
}

/** Undefined as soon as one of them is. */
function allOf<T>(terms: readonly Term[], read: (term: Term) => T | undefined): T[] | undefined {
  const all = terms.map(read).filter((each) => each !== undefined);
  return all.length === terms.length ? all : undefined;
}

export function discoverMessage(self: Pid): Term {
  return tuple(atom("discover"), self);
}

export function syncMessage(self: Pid, version: PgVersion, content: readonly GroupMembers[]): Term {
  if (version === 1) {
    const groups = content.map(({ group, pids }): [Term, Term] => [group, [...pids]]);
    return tuple(CAST, tuple(atom("local_data"), self, 1, map(groups)));
  }
  return tuple(
    CAST,
    tuple(
      atom("sync"),
      self,
      content.map(({ group, pids }) => tuple(group, [...pids])),
    ),
  );
}

export function joinMessage(self: Pid, version: PgVersion, group: Term, pids: readonly Pid[]): Term {
  if (version === 1) return tuple(atom("update"), self, [tuple(group, [...pids], [])]);
  return tuple(atom("join"), self, group, [...pids]);
}

/** Only for groups and members that the peer has been told of: OTP's pg ends when it hears of another group. */
export function leaveMessage(self: Pid, version: PgVersion, group: Term, pids: readonly Pid[]): Term {
  if (version === 1) return tuple(atom("update"), self, [tuple(group, [], [...pids])]);
  return tuple(atom("leave"), self, [...pids], [group]);
}
