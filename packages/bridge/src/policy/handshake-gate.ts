// Stands in the handshake of a page with a node (erl_dist_protocol, "Distribution Handshake"). Nothing goes through that it
// has not read and written anew: the name is one that the bridge gives, flags are masked for both sides, and each side speaks
// only when it is its turn. It can do so because a digest covers neither names nor flags.
//
//   page: send_name →   ← status   ← challenge   challenge_reply →   ← challenge_ack
//
// With custody the page knows only a secret of its session: the gate checks the page's digest against that, and puts the one
// of the node's cookie in its place; on the way back it does the reverse. So the page never sees a cookie, nor anything that
// was made from one.
import { DecodeError } from "@erl-dist/core";
import {
  DFLAG,
  decodeAck,
  decodeChallenge,
  decodeName,
  decodeReply,
  decodeStatus,
  digest,
  encodeAck,
  encodeAliveAnswer,
  encodeChallenge,
  encodeName,
  encodeReply,
  encodeStatus,
  equalDigests,
  PASS_THROUGH_FLAGS,
  type ReplyMessage,
  splitNodeName,
} from "@erl-dist/core/handshake";
import { HandshakeCutter, type PacketBytes } from "./handshake-cutter.ts";
import type { Connected, Refusal, Side, Stage } from "./stage.ts";

export interface GateOptions {
  /** Full name of the node that was dialled. */
  readonly node: string;
  /** How the node's side frames the handshake; the page's side always uses 2 bytes. */
  readonly nodePacketBytes: PacketBytes;
  readonly name: GivenName;
  /** Unsigned 32-bit number, at least 4, for a page that asks for a name and gets one of ours. */
  readonly creation: number;
  /** Without it, digests pass as they are: the page knows the cookie. */
  readonly custody?: Custody | undefined;
  /** What both sides may use; by default all that needs no distribution header, so no atom cache and no fragments. */
  readonly flags?: bigint | undefined;
  /** The time, on the scale of nodeReached() and handleTimeout(). */
  readonly now: number;
  /** Milliseconds for the name, and again for all the rest from when the node was reached. */
  readonly handshakeTimeMs: number;
  /** Bytes that one message may have. */
  readonly handshakeBytes: number;
}

/** How the page is called on the node. An unknown name costs the node an atom that it never frees. */
export type GivenName =
  /** The node names the page, from a pool of its own; `host` is what that name ends in. The page has to ask for a name. */
  | { readonly type: "dynamic"; readonly host: string }
  /**
   * This full node name. The page may ask for a name, or have this one already. With `owned` it takes the place of an older
   * connection of that name, else it has to wait until that is gone.
   */
  | { readonly type: "fixed"; readonly name: string; readonly owned: boolean };

export interface Custody {
  /** The node's. */
  readonly cookie: string;
  /** What the page uses in its place. */
  readonly secret: string;
  /**
   * Two unpredictable unsigned 32-bit numbers: with them the bridge shakes hands with each side by itself ("terminate").
   * Without them each side answers the challenge of the other ("translate").
   */
  readonly challenges?: { readonly toPage: number; readonly toNode: number } | undefined;
}

/** What a peer may say of itself and be told: hidden, packets without distribution headers. */
export const GATE_FLAGS: bigint = PASS_THROUGH_FLAGS;

/** Named after the message that is waited for. */
type State = "name" | "status" | "challenge" | "reply" | "ack";

const STEPS: Readonly<Record<State, { readonly from: Side; readonly awaits: string }>> = {
  name: { from: "page", awaits: "the page's name" },
  status: { from: "node", awaits: "the node's answer to the name" },
  challenge: { from: "node", awaits: "the node's challenge" },
  reply: { from: "page", awaits: "the page's reply to the challenge" },
  ack: { from: "node", awaits: "the node's acknowledgement" },
};

export class HandshakeGate implements Stage {
  readonly #options: GateOptions;
  readonly #flags: bigint;
  readonly #cutters: Readonly<Record<Side, HandshakeCutter>>;
  readonly #outbound: Readonly<Record<Side, Uint8Array[]>> = { page: [], node: [] };
  #state: State | "open" | "refused" = "name";
  #deadline: number;
  #isNodeReached = false;
  #refusal: Refusal | undefined;
  /** What the page has said of itself; with `wantsName`, what it gets in the end. */
  #page: { readonly flags: bigint; readonly wantsName: boolean; readonly name: string } = {
    flags: 0n,
    wantsName: false,
    name: "",
  };
  #nodeFlags = 0n;
  #nodeChallenge = 0;
  #pageReply: ReplyMessage | undefined;

  constructor(options: GateOptions) {
    this.#options = options;
    this.#flags = options.flags ?? GATE_FLAGS;
    this.#deadline = options.now + options.handshakeTimeMs;
    this.#cutters = { page: new HandshakeCutter(2), node: new HandshakeCutter(options.nodePacketBytes) };
  }

  get refusal(): Refusal | undefined {
    return this.#refusal;
  }

  get connected(): Connected | undefined {
    if (this.#state !== "open") return undefined;
    return { name: this.#page.name, flags: this.#page.flags & this.#nodeFlags };
  }

  receive(from: Side, chunk: Uint8Array): void {
    if (this.#state === "refused") return;
    if (this.#state === "open") {
      this.#outbound[from === "page" ? "node" : "page"].push(chunk);
      return;
    }
    this.#cutters[from].push(chunk);
    while (this.#step());
    this.#checkTurn(from);
  }

  takeOutbound(to: Side): Uint8Array | undefined {
    return this.#outbound[to].shift();
  }

  nextTimeout(): number | undefined {
    const step = this.#waiting;
    // Whoever dials the node has a deadline of his own.
    return step?.from === "node" && !this.#isNodeReached ? undefined : step && this.#deadline;
  }

  handleTimeout(now: number): void {
    const at = this.nextTimeout();
    const step = this.#waiting;
    if (at === undefined || step === undefined || now < at) return;
    this.#refuse("handshakeTimeout", `${step.awaits} did not come within ${this.#options.handshakeTimeMs} ms`);
  }

  nodeReached(now: number): void {
    this.#isNodeReached = true;
    this.#deadline = now + this.#options.handshakeTimeMs;
  }

  explainEnd(from: Side): Refusal | undefined {
    // An acceptor that finds another digest says nothing: it closes.
    if (from !== "node" || this.#state !== "ack" || this.#options.custody === undefined) return undefined;
    return { close: "wrongCookie", detail: `${this.#options.node} refused the cookie that the bridge has for it` };
  }

  get #waiting(): (typeof STEPS)[State] | undefined {
    return this.#state === "open" || this.#state === "refused" ? undefined : STEPS[this.#state];
  }

  /** Takes one message of whose turn it is; false when there is none. */
  #step(): boolean {
    const state = this.#state;
    if (state === "open" || state === "refused") return false;
    const { from } = STEPS[state];
    const cutter = this.#cutters[from];
    const { handshakeBytes } = this.#options;
    if ((cutter.announced ?? 0) > handshakeBytes) {
      this.#refuseMessage(from, `it announces a message of ${cutter.announced} bytes, ${handshakeBytes} are allowed`);
      return false;
    }
    const message = cutter.take();
    if (message === undefined) return false;
    try {
      this.#take(state, message);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.#refuseMessage(from, error.message);
    }
    return true;
  }

  #take(state: State, message: Uint8Array): void {
    switch (state) {
      case "name":
        return this.#takeName(message);
      case "status":
        return this.#takeStatus(message);
      case "challenge":
        return this.#takeChallenge(message);
      case "reply":
        return this.#takeReply(decodeReply(message));
      case "ack":
        return this.#takeAck(decodeAck(message));
      default:
        return state satisfies never;
    }
  }

  /** Whoever speaks out of turn does not speak this protocol. What the node sends behind its acknowledgement goes on. */
  #checkTurn(from: Side): void {
    if (this.#state === "open") {
      const rest = this.#cutters.node.takeRest();
      if (rest.length > 0) this.#outbound.page.push(rest);
      return;
    }
    if (this.#state === "refused") return;
    const { length } = this.#cutters[from];
    const waits = STEPS[this.#state].from !== from;
    if (from === "page" && waits && length > 0) this.#refuseMessage(from, "it sends on without waiting for an answer");
    if (from === "node" && waits && length > this.#options.handshakeBytes) this.#refuseMessage(from, "it sends on unasked");
  }

  // erl_dist_protocol, "send_name"
  #takeName(message: Uint8Array): void {
    const { version, flags, creation, name } = decodeName(message);
    const { name: given } = this.#options;
    // Its second half would come later, and no release since 23 sends it.
    if (version !== 6) return this.#refuseMessage("page", "it speaks version 5 of the handshake");
    const wantsName = (flags & DFLAG.NAME_ME) !== 0n;
    const kept = flags & this.#flags;
    if (given.type === "dynamic") {
      if (!wantsName) return this.#refuseName("here a page has no name of its own: it has to ask the node for one");
      this.#page = { flags: kept, wantsName, name: "" };
      this.#toNode(encodeName({ flags: kept | DFLAG.NAME_ME, creation: 0, name: given.host }));
    } else {
      if (!wantsName && name !== given.name) return this.#refuseName("the page has another name than it was given");
      this.#page = { flags: kept, wantsName, name: given.name };
      // So that processes of an earlier life of this name are not taken for ours.
      const own = wantsName ? this.#options.creation : creation;
      this.#toNode(encodeName({ flags: kept, creation: own, name: given.name }));
    }
    this.#state = "status";
  }

  // "recv_status"
  #takeStatus(message: Uint8Array): void {
    const status = decodeStatus(message);
    const { name: given } = this.#options;
    if (typeof status === "object") {
      if ("unknown" in status) return this.#refuseMessage("node", `its status is ${JSON.stringify(status.unknown.slice(0, 40))}`);
      if (given.type !== "dynamic" || splitNodeName(status.named) === undefined) {
        return this.#refuseMessage("node", "it gives a name that nobody asked for");
      }
      this.#page = { ...this.#page, name: status.named };
      this.#toPage(encodeStatus(status));
      this.#state = "challenge";
      return;
    }
    if (status === "nok" || status === "not_allowed") {
      // The page learns it in the protocol's own words; then the node closes.
      this.#toPage(encodeStatus(status));
      this.#state = "challenge";
      return;
    }
    if (given.type === "dynamic") return this.#refuseMessage("node", `it gives no name, but says ${status}`);
    if (status !== "alive") return this.#proceed(status);
    // Whether an older connection of that name is the page's own is for the bridge to say, which gave the name.
    this.#toNode(encodeAliveAnswer(given.owned));
    if (given.owned) this.#proceed("ok");
    else this.#refuse("nameInUse", `${this.#options.node} is still connected with ${given.name}`);
  }

  #proceed(status: "ok" | "ok_simultaneous"): void {
    const { wantsName, name } = this.#page;
    this.#toPage(encodeStatus(wantsName ? { named: name, creation: this.#options.creation } : status));
    this.#state = "challenge";
  }

  // "recv_challenge"
  #takeChallenge(message: Uint8Array): void {
    const challenge = decodeChallenge(message);
    const { node, custody } = this.#options;
    if (challenge.name !== node) {
      const detail = `${node} was dialled, but ${JSON.stringify(challenge.name.slice(0, 255))} answered`;
      return this.#refuse("badNode", detail);
    }
    this.#nodeFlags = challenge.flags & this.#flags;
    this.#nodeChallenge = challenge.challenge;
    // What the node offers beyond the mask was not offered to it, so the page must not use it either.
    this.#toPage(
      encodeChallenge({
        ...challenge,
        flags: this.#nodeFlags | (challenge.flags & DFLAG.NAME_ME),
        challenge: custody?.challenges?.toPage ?? challenge.challenge,
      }),
    );
    this.#state = "reply";
  }

  // "send_challenge_reply"
  #takeReply(reply: ReplyMessage): void {
    const { custody } = this.#options;
    this.#pageReply = reply;
    if (custody === undefined) {
      this.#toNode(encodeReply(reply));
    } else {
      const { cookie, secret, challenges } = custody;
      if (!equalDigests(reply.digest, digest(secret, challenges?.toPage ?? this.#nodeChallenge))) {
        return this.#refuse("wrongSecret", "the page's digest is not one of its session's secret");
      }
      const challenge = challenges?.toNode ?? reply.challenge;
      this.#toNode(encodeReply({ challenge, digest: digest(cookie, this.#nodeChallenge) }));
    }
    this.#state = "ack";
  }

  // "recv_challenge_ack"
  #takeAck(theirs: Uint8Array): void {
    const { custody, node } = this.#options;
    const asked = this.#pageReply?.challenge ?? 0;
    if (custody === undefined) {
      this.#toPage(encodeAck(theirs));
    } else {
      const { cookie, secret, challenges } = custody;
      if (!equalDigests(theirs, digest(cookie, challenges?.toNode ?? asked))) {
        return this.#refuse("wrongCookie", `${node} has another cookie for the bridge than the bridge has for it`);
      }
      this.#toPage(encodeAck(digest(secret, asked)));
    }
    this.#state = "open";
  }

  #toPage(message: Uint8Array): void {
    this.#outbound.page.push(this.#cutters.page.frame(message));
  }

  #toNode(message: Uint8Array): void {
    this.#outbound.node.push(this.#cutters.node.frame(message));
  }

  #refuseName(reason: string): void {
    this.#refuse("notAllowed", undefined, reason);
  }

  #refuseMessage(from: Side, detail: string): void {
    if (from === "page") this.#refuse("badHandshake", detail);
    else this.#refuse("badNode", `${this.#options.node}: ${detail}`);
  }

  #refuse(close: Refusal["close"], detail?: string, reason?: string): void {
    this.#state = "refused";
    this.#refusal = { close, reason, detail };
  }
}
