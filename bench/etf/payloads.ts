// The terms that the codec is measured with, the same in every run.
import { atom, compare, encode, erl, type ErlMap, map, Pid, Reference, type Term, tuple } from "@erl-dist/core";

export interface Payload {
  readonly name: string;
  readonly what: string;
  readonly term: Term;
}

const NODE = atom("app@node-1.example.com");
const CREATION = 1_700_000_001;
const COUNT = 10_000;

/** Numbers that look random and are the same each time (a linear congruential generator). */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const pid = (id: number): Pid => new Pid(NODE, id, id % 7, CREATION);
const reference = (id: number): Reference =>
  new Reference(NODE, CREATION, [id & 0x3_ffff, Math.imul(id, 7_919) >>> 0, Math.imul(id, 104_729) >>> 0]);
const list = <T extends Term>(count: number, item: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => item(index));
const pick = <T>(items: readonly T[], index: number): T => items[index % items.length] as T;

export function payloads(): Payload[] {
  const random = generator(1);
  const found = (name: string, what: string, term: Term): Payload => ({ name, what, term });
  return [
    found("a", "control message REG_SEND", tuple(6, pid(1234), atom(""), atom("rex"))),
    found(
      "a2",
      "gen_server call: pids, alias, atoms",
      erl`{'$gen_call', {${pid(1234)}, [alias | ${reference(99)}]}, {call, erlang, system_info, [process_count], ${pid(1200)}}}`,
    ),
    found("b", "RPC reply of 1 KB: nested maps with atom keys", rpcReply()),
    found(
      "c1",
      "10,000 integers of 0 to 999",
      list(COUNT, () => random(1000)),
    ),
    found(
      "c2",
      "10,000 bytes (STRING_EXT)",
      list(COUNT, () => random(256)),
    ),
    found(
      "c3",
      "10,000 integers of 33 to 64 bits",
      list(COUNT, (index) => middling(index, random)),
    ),
    found(
      "c4",
      "10,000 integers of 65 to 512 bits",
      list(COUNT, (index) => (1n << BigInt(64 + (index % 448))) + BigInt(index) * 982_451_653n),
    ),
    found(
      "d",
      "binary of 1 MiB, random",
      tuple(
        atom("ok"),
        Uint8Array.from({ length: 1_048_576 }, () => random(256)),
      ),
    ),
    found(
      "d2",
      "binary of 1 MiB, ASCII",
      tuple(atom("ok"), new TextEncoder().encode("Never mind the text: it only has to be ASCII. ".repeat(22_796))),
    ),
    found("e", "2,000 × process_info: half maps, half lists", list(2000, processInfo)),
    found("f", "tuples, nested 10,000 deep", nested(COUNT)),
    found(
      "g",
      "map of 100,000 binary keys",
      asSent(map(list(100_000, (index) => [utf8(`user:${String(index).padStart(6, "0")}`), index * 3] as const))),
    ),
    found("g2", "map of 100,000 integer keys", asSent(map(list(100_000, (index) => [index * 3, index] as const)))),
    found(
      "h",
      "guild of a chat, 110 KB, binary keys",
      guild((key) => utf8(key)),
    ),
    found(
      "h2",
      "the same with atom keys",
      guild((key) => atom(key)),
    ),
  ];
}

export function encoded(): { readonly name: string; readonly what: string; readonly bytes: Uint8Array }[] {
  return payloads().map(({ name, what, term }) => ({ name, what, bytes: encode(term) }));
}

/** Up to so many keys a map of Erlang is sorted; a larger one is in the order of hashes, which is none. */
const SORTED_KEYS = 32;

/** A map with its pairs as Erlang may send them: the order in which they were put in is lost there. */
function asSent(made: ErlMap): ErlMap {
  if (made.size <= SORTED_KEYS) return map([...made].toSorted(([a], [b]) => compare(a, b)));
  const random = generator(made.size);
  const places = Array.from(made, (pair) => ({ pair, place: random(2 ** 31) })).toSorted((a, b) => a.place - b.place);
  return map(places.map(({ pair }) => pair));
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function middling(index: number, random: (below: number) => number): Term {
  const bits = BigInt(33 + (index % 32));
  const value = (1n << (bits - 1n)) + ((BigInt(random(2 ** 31)) * BigInt(random(2 ** 31))) & ((1n << (bits - 1n)) - 1n));
  const signed = index % 4 === 0 ? -value : value;
  return Number.isSafeInteger(Number(signed)) ? Number(signed) : signed;
}

function nested(depth: number): Term {
  let term: Term = [];
  for (let level = 1; level <= depth; level++) term = tuple(level % 256, term);
  return term;
}

/** Atoms as keys. */
function fields(values: { readonly [key: string]: Term }): ErlMap {
  return asSent(map(values));
}

function rpcReply(): Term {
  return fields({
    status: atom("ok"),
    node: NODE,
    request_id: "01HZX3J8K2Q4W6E8R0T2Y4U6I8",
    elapsed_us: 18_234,
    load: fields({ avg1: 0.42, avg5: 0.38, avg15: 0.31 }),
    memory: fields({ total: 184_467_440, processes: 61_337_216, binary: 20_971_520, ets: 8_388_608, atom: 1_048_576 }),
    user: fields({
      id: 987_654_321_012_345_678n,
      name: "Žofie Müller",
      email: "zofie.mueller@example.com",
      roles: ["admin", "editor", "billing"].map((role) => atom(role)),
      active: true,
      manager: atom("undefined"),
    }),
    items: list(6, (index) =>
      fields({
        sku: `SKU-${String(index + 1).padStart(5, "0")}`,
        qty: index + 1,
        price: (index + 1) * 12.75 + 0.01,
        tags: [atom("new"), atom("sale")],
        note: "left at the front desk",
      }),
    ),
    reason: erl`{badmatch, {error, timeout}}`,
    trace: erl`[{gen_server, call, 3}, {rpc, handle_call, 4}]`,
  });
}

const MODULES = "gen_server gen_statem supervisor logger_olp application_master code_server global user_drv"
  .split(" ")
  .map((name) => atom(name));
const FUNCTIONS = "loop loop_state_callback init main_loop server_loop".split(" ").map((name) => atom(name));
const STATES = ["waiting", "running", "garbage_collecting"].map((name) => atom(name));

function processInfo(index: number): Term {
  const module = pick(MODULES, index);
  const entries: (readonly [string, Term])[] = [
    ["pid", pid(100 + index)],
    ["current_function", tuple(module, pick(FUNCTIONS, index), index % 10)],
    ["initial_call", erl`{proc_lib, init_p, 5}`],
    ["status", pick(STATES, index)],
    ["message_queue_len", index % 17],
    ["links", [pid(99 + index), pid(101 + index)]],
    ["monitors", [tuple(atom("process"), pid(200 + index))]],
    [
      "dictionary",
      erl`[{'$ancestors', [${pid(50)}, ${pid(51)}]}, {'$initial_call', {${module}, init, 1}}, {request_ref, ${reference(index)}}]`,
    ],
    ["trap_exit", index % 2 === 0],
    ["error_handler", atom("error_handler")],
    ["priority", atom("normal")],
    ["group_leader", pid(46)],
    ["total_heap_size", 233 + index * 13],
    ["heap_size", 233],
    ["stack_size", index % 40],
    ["reductions", index * 7919],
    [
      "garbage_collection",
      erl`[{max_heap_size, 0}, {min_bin_vheap_size, 46422}, {min_heap_size, 233}, {fullsweep_after, 65535}, {minor_gcs, ${index % 7}}]`,
    ],
    ["suspending", []],
  ];
  return index % 2 === 0 ? fields(Object.fromEntries(entries)) : entries.map(([key, value]) => tuple(atom(key), value));
}

const PEOPLE = ["alice", "Bjørn", "ちひろ", "night_owl", "Éloïse", "frank", "Γιώργος", "heidi🎉"];

function guild(keyOf: (key: string) => Term): Term {
  const nil = atom("nil");
  const id = (index: number): string => String(175_928_847_299_117_063n + BigInt(index) * 7_777_777_777n);
  const document = (values: { readonly [key: string]: Term }): Term =>
    asSent(map(Object.entries(values).map(([key, value]) => [keyOf(key), value] as const)));
  const user = (index: number): Term =>
    document({
      id: id(index),
      username: pick(PEOPLE, index),
      discriminator: String(index).padStart(4, "0"),
      avatar: (BigInt(index) * 123_456_789_123_456_789n).toString(16).padStart(32, "0"),
      bot: false,
      public_flags: index % 512,
    });
  const members = list(160, (index) =>
    document({
      user: user(index + 1),
      nick: index % 3 === 0 ? nil : pick(PEOPLE, index + 1),
      roles: list(index % 4, id),
      joined_at: "2021-03-14T15:09:26.535000+00:00",
      deaf: false,
      mute: index % 2 === 0,
      premium_since: nil,
      communication_disabled_until: nil,
    }),
  );
  const overwrites = list(3, (index) => document({ id: id(index), type: 0, allow: "1024", deny: "2048" }));
  const channels = list(80, (index) =>
    document({
      id: id(1000 + index),
      type: index % 5,
      name: `channel-${index}`,
      position: index,
      topic: index % 2 === 0 ? nil : "Please read the rules – and be kind to each other 💜",
      nsfw: false,
      rate_limit_per_user: 0,
      parent_id: id(2000),
      last_message_id: id(3000 + index),
      permission_overwrites: overwrites,
    }),
  );
  const roles = list(60, (index) =>
    document({
      id: id(4000 + index),
      name: `role ${index}`,
      color: index * 65_793,
      hoist: true,
      position: index,
      permissions: "104324673",
      managed: false,
      mentionable: false,
    }),
  );
  const content = {
    id: id(9),
    name: "Guild of the bench",
    owner_id: id(1),
    large: true,
    member_count: 12_345,
    members,
    channels,
    roles,
    ratio: 0.73,
  };
  return document({ op: 0, s: 42, t: "GUILD_CREATE", d: document(content) });
}
