// Side A of the handshake: connects, says its name, and is answered (erl_dist_protocol, "Distribution Handshake").
//
//   send_name →   ← status [→ answer to `alive`]   ← challenge   challenge_reply →   ← challenge_ack
import type { HandshakeError, HandshakeErrorCode } from "../errors.ts";
import { checkCookie, digest, equalDigests } from "./digest.ts";
import { DFLAG, expandDigest, flagNames, missingFlags } from "./flags.ts";
import type { HandshakeOptions, HandshakeResult } from "./handshake.ts";
import { agree, Machine, type Step } from "./machine.ts";
import { decodeAck, decodeChallenge, decodeStatus, encodeAliveAnswer, encodeName, encodeReply } from "./initiator-messages.ts";
import { type ChallengeMessage, shown } from "./messages.ts";
import { checkHost, checkNodeName, splitNodeName } from "./node-name.ts";

export interface InitiatorOptions extends HandshakeOptions {
  /** Our full node name, or with `dynamicName` our host alone. */
  readonly name: string;
  /** Unsigned 32-bit number, at least 4, another one for each life of a node of this name. Not used with `dynamicName`. */
  readonly creation: number;
  /** The peer shall give us a name. By default false. */
  readonly dynamicName?: boolean | undefined;
  /** Full name of the node that was dialled. */
  readonly peer: string;
  readonly cookie: string;
  /**
   * What to say when the peer still has a connection with a node of our name: true takes its place (and ends it), false,
   * the default, fails with `name_in_use`.
   */
  readonly answerAlive?: boolean | undefined;
}

/** Named after the message that is waited for. */
type State = "status" | "challenge" | "ack";

/** Throws RangeError for names and cookies that Erlang could not have. */
export class Initiator extends Machine<State> {
  readonly #options: InitiatorOptions;
  /** As finally named. */
  #own: { readonly name: string; readonly creation: number; readonly flags: bigint };
  #challenge: ChallengeMessage | undefined;

  protected readonly steps: Readonly<Record<State, Step<State>>> = {
    status: {
      awaits: "its answer to our name",
      take: (message) => this.#takeStatus(decodeStatus(message)),
      ended: [
        "closed",
        () =>
          `${this.peer} closed the connection at once: either it does not take our name ${shown(this.#own.name)} (its log says why), or no Erlang node is listening there`,
      ],
    },
    challenge: {
      awaits: "its challenge",
      take: (message) => this.#takeChallenge(decodeChallenge(message)),
      ended: ["closed", () => `${this.peer} closed the connection before its challenge; its log may say why`],
    },
    // An acceptor that finds another digest says nothing: it closes.
    ack: {
      awaits: "its acknowledgement",
      take: (message) => this.#takeAck(decodeAck(message)),
      ended: ["wrong_cookie", () => `${this.peer} refused the cookie: compare ours with what erlang:get_cookie() gives there`],
    },
  };

  constructor(options: InitiatorOptions) {
    super("status", options);
    const { name, creation, dynamicName = false, peer, cookie, flags } = options;
    if (dynamicName) checkHost(name);
    else checkNodeName(name);
    checkNodeName(peer);
    checkCookie(cookie);
    this.#options = options;
    this.#own = dynamicName ? { name, creation: 0, flags: flags | DFLAG.NAME_ME } : { name, creation, flags };
    this.send(encodeName(this.#own));
  }

  protected override get peer(): string {
    return this.#options.peer;
  }

  #takeStatus(status: ReturnType<typeof decodeStatus>): State {
    const { peer, dynamicName = false, answerAlive = false } = this.#options;
    const { name, flags } = this.#own;
    if (typeof status === "object" && "unknown" in status) throw this.#unexpected(status.unknown);
    this.emit({ type: "status", status });
    if (typeof status === "object") {
      if (!dynamicName || splitNodeName(status.named) === undefined) throw this.#unexpected(`named:${status.named}`);
      this.#own = { name: status.named, creation: status.creation, flags };
      return "challenge";
    }
    if (status === "ok" || status === "ok_simultaneous") {
      // Without a name there is nothing to go on with.
      if (dynamicName) throw this.#unexpected(status);
      return "challenge";
    }
    if (status === "alive") {
      this.send(encodeAliveAnswer(answerAlive));
      if (answerAlive) return "challenge";
    }
    const { code, words } = REFUSALS[status];
    throw this.error(code, words(peer, name, flags));
  }

  #takeChallenge(challenge: ChallengeMessage): State {
    const { peer, cookie } = this.#options;
    if (challenge.name !== peer) {
      throw this.error(
        "wrong_node",
        `${peer} was dialled, but ${shown(challenge.name)} answered: the address leads to another node`,
      );
    }
    const flags = expandDigest(challenge.flags);
    const missing = missingFlags(flags);
    if (missing !== 0n) {
      throw this.error(
        "missing_flags",
        `${peer} cannot do what every node since OTP 26 must: it lacks ${flagNames(missing).join(", ")}`,
      );
    }
    this.#challenge = { ...challenge, flags };
    this.send(encodeReply({ challenge: this.options.challenge, digest: digest(cookie, challenge.challenge) }));
    return "ack";
  }

  #takeAck(theirs: Uint8Array): HandshakeResult {
    const { peer, cookie } = this.#options;
    if (this.#challenge === undefined || !equalDigests(theirs, digest(cookie, this.options.challenge))) {
      throw this.error("wrong_cookie", `${peer} took our cookie but does not know it itself: it has another one for us`);
    }
    return agree(this.#own, this.#challenge);
  }

  #unexpected(status: string): HandshakeError {
    const { peer, dynamicName } = this.#options;
    const wanted = dynamicName ? " to our request for a name" : "";
    return this.error("unexpected_status", `${peer} answered ${shown(status)}${wanted}, which is no answer that it may give`);
  }
}

/** Statuses that end the attempt. */
const REFUSALS: Readonly<
  Record<
    "alive" | "nok" | "not_allowed",
    { readonly code: HandshakeErrorCode; readonly words: (peer: string, name: string, flags: bigint) => string }
  >
> = {
  alive: {
    code: "name_in_use",
    words: (peer, name) =>
      `${peer} is already connected with a node named ${name}: choose another name, or none to be given one; a connection that was lost is forgotten after some time`,
  },
  // The peer's own attempt may follow, so this is not the last word on the two nodes.
  nok: {
    code: "simultaneous_refused",
    words: (peer, name) =>
      `${peer} is connecting to ${name} itself at this moment and goes on with that, or it cannot have a peer of that name`,
  },
  not_allowed: {
    code: "not_allowed",
    words(peer, name, flags) {
      const missing = flagNames(missingFlags(flags));
      const allow = `net_kernel:allow/1 there may leave out ${name}; its log says why`;
      return `${peer} does not allow the connection: ${missing.length > 0 ? `we lack ${missing.join(", ")}` : allow}`;
    },
  },
};
