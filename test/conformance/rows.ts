// What a peer has to show towards real nodes, row by row: C of the core, W of the Worker. A test that shows a row names it at the front of its title, as in
// `it("[C10] tells a wrong cookie from other refusals")`, wherever the test lies; inside of a suite whose title has "OTP 27" it
// shows the row for that release, elsewhere for all of them. scripts/conformance.ts makes docs/CONFORMANCE.md of both.

export type Area =
  | "EPMD"
  | "Handshake"
  | "Liveness"
  | "External term format"
  | "Control messages"
  | "Packets"
  | "Node protocols"
  | "The Worker";

export interface Row {
  /** As `C10`. */
  readonly row: string;
  readonly area: Area;
  readonly behaviour: string;
  /** Why no test shows it, where there is more to say than that nobody wrote one. */
  readonly notDone?: string;
  /** Why tests without a real node have to show it, where no node can. */
  readonly withoutNode?: string;
  /** Why it means nothing on a release. */
  readonly notApplicable?: Readonly<Record<string, string>>;
}

/** Which of the rows a title names. */
export function rowsOf(title: string): string[] {
  return [...title.matchAll(/\[([CW]\d+(?:, ?[CW]\d+)*)\]/g)].flatMap(([, list = ""]) => list.split(/, ?/));
}

const area = (name: Area, rows: Readonly<Record<number, string | Omit<Row, "row" | "area">>>, letter: "C" | "W" = "C"): Row[] =>
  Object.entries(rows).map(([number, what]) => ({
    row: letter + number,
    area: name,
    ...(typeof what === "string" ? { behaviour: what } : what),
  }));

const VISIBLE =
  "nodes here are hidden: a visible one that has no part in the locks and names of `global` makes `global:sync/0` of all others wait for ever, so `hidden: false` is refused";

export const ROWS: readonly Row[] = [
  ...area("EPMD", {
    1: "a name that we register is listed by `epmd -names` until we close the connection",
    2: "registering a name twice is reported as `duplicate_name`, and our connection closed",
    3: "looking up a missing name gives nothing, at once",
    4: "a reply that comes in segments of one byte is understood",
    5: "OTP nodes register in our EPMD, look each other up, list names; a killed node's name is free again",
    6: {
      behaviour: "our EPMD closes a client that dribbles its request, and one whose request is too long",
      withoutNode: "no node asks so",
    },
  }),
  ...area("Handshake", {
    7: "dialling with our flags connects us as a hidden node",
    8: "dialling with the flags for distribution headers brings packets with headers and fragments",
    9: "we are found in EPMD and accepted by `net_adm:ping/1`",
    10: "a wrong cookie of ours is reported as such in less than a second, and logged by the node",
    11: "a node with another cookie is turned away without an acknowledgement",
    12: "each mandatory flag that we leave out is a refusal of its own kind",
    13: { behaviour: "a peer without a mandatory flag is refused with `not_allowed`", withoutNode: "no release lacks one" },
    14: "peers without a name are given one each, and another identity when they come back",
    15: "an OTP node that starts without a name is given one by us, and messages flow",
    16: "a second connection under one name takes over or withdraws as it answers, on either side",
    17: "two nodes that dial each other at once end with one connection, whichever name is greater and whoever is first",
    18: {
      behaviour: "an old node that speaks version 5 is accepted, with its complement",
      withoutNode: "OTP 24 was the last to speak it",
    },
    19: "bytes may be split or gathered anywhere: an acknowledgement with the first packet behind it, a byte at a time",
    20: "a peer that falls silent at any step is given up in time, and its connection closed",
    21: "another node than the one that was dialled is refused",
    22: "the creation stays for one incarnation and is another for the next",
  }),
  ...area("Liveness", {
    23: "an idle connection lives on by our defaults, without a message",
    24: "our ticks keep the connection, and the node ends it when they stop",
    25: "a node that falls silent is noticed in time: `net_tick_timeout`, and `noconnection` for links and monitors",
    26: "a large message over a slow link outlives the tick time",
    27: "a tick in the middle of a large message is answered in time",
  }),
  ...area("External term format", {
    28: "the terms that each release writes are read and written",
    29: "the greatest and smallest numbers",
    30: "what is no number is refused before it is sent",
    31: "our pids, references and ports come back the same",
    32: "the tags of old releases are read, and taken when we write them",
    33: "maps of any keys and any size, whatever their order",
    34: "long lists, improper lists, deep lists",
    35: "funs come back bit by bit, and can be called there",
    36: "native records go to nodes that take them, and to no others",
    37: "floats are printed, and terms ordered, as Erlang does",
    38: "compressed terms are read up to a limit",
    39: { behaviour: "no input crashes a decoder or makes it loop", withoutNode: "no node sends broken bytes" },
  }),
  ...area("Control messages", {
    40: "messages to pids and names, in both directions; to unknown names they vanish",
    41: "a linked process there hears how ours ended",
    42: "a linked process of ours hears how one there ended; unlinking in flight leaves no link",
    43: "a link to a dead process of ours is answered with `noproc`",
    44: "an unlink is acknowledged before anything else, and leaves nothing",
    45: "unlink ids up to 64 bits",
    46: "monitors by pid and name, and every reason for their end",
    47: "a monitor that was taken back stays silent",
    48: "exit signals: `kill`, `normal`, others, trapped or not",
    49: "a group leader is set, and is asked to print",
    50: "all ways to spawn on our node",
    51: "all ways for us to spawn there",
    52: "what is sent to an alias that has ended is dropped",
    53: {
      behaviour: "ALTACT_SIG_SEND with all flags",
      notApplicable: { 25: "it came with OTP 28", 27: "it came with OTP 28" },
    },
    54: "traced signals are signals",
    55: {
      behaviour: "an unknown control message ends the connection, with a reason",
      withoutNode: "no node sends one",
    },
    56: "100,000 mixed messages keep the order of each sender",
  }),
  ...area("Packets", {
    57: "all five modes of packets carry all control messages",
    58: "the atom cache: more atoms than slots, slots used again, long atoms",
    59: "10 MB both ways, fragments of many senders in between each other",
    60: { behaviour: "fragments out of order end the connection", withoutNode: "no node sends them so" },
    61: { behaviour: "what crashes OTP is never sent", withoutNode: "a node cannot tell of what it does not get" },
  }),
  ...area("Node protocols", {
    62: "`net_adm`, `rpc` and `erpc` to us",
    63: "`net_adm`, `rpc` and `erpc` from us",
    64: "`gen_server`, `gen_event`, `gen_statem` in both directions",
    65: "`pg` in both of its versions",
    66: { behaviour: "a visible node that takes part in `global`", notDone: VISIBLE },
    67: { behaviour: "a visible node and `prevent_overlapping_partitions`", notDone: VISIBLE },
    68: "a group leader of ours serves the I/O protocol",
    69: "a remote shell, which ends without ending the node",
    70: "a connection that is lost leaves no shell behind",
    71: "errors of processes whose group leader is ours arrive here",
    72: "the node's `net_ticktime` is read and kept",
  }),
  ...area(
    "The Worker",
    {
      1: "an object that was put away is woken by its alarm, dials again what it wants, and takes no used ticket",
      2: "two dials at once, ours and a node's, end with one link",
      3: "a caller whose call was under way when object or code were replaced may try again, and then it works",
      4: "the creation is greater with each life, and nodes see it",
      5: "twenty calls at once go over one link, and a thousand leave nothing",
      6: "six dials at once and no more, those included that were given up and hang",
      7: "a node connects to the Worker, by a listener of its own or another Worker's binding, and is served",
    },
    "W",
  ),
];
