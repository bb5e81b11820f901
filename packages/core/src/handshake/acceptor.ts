// Side B of the handshake: is connected to, hears a name, and answers (erl_dist_protocol, "Distribution Handshake").
//
//   ← send_name   status → [← answer to `alive`]   challenge → [← complement]   ← challenge_reply   challenge_ack →
import { checkCookie, digest, equalDigests } from "./digest.ts";
import { DFLAG, expandDigest, flagNames, LOWER_FLAGS, missingFlags } from "./flags.ts";
import type { HandshakeOptions, HandshakeResult } from "./handshake.ts";
import { agree, Machine, type Step } from "./machine.ts";
import {
  decodeAliveAnswer,
  decodeComplement,
  decodeName,
  decodeReply,
  encodeAck,
  encodeChallenge,
  encodeStatus,
} from "./acceptor-messages.ts";
import { type NamedStatus, type NameMessage, type ReplyMessage, shown } from "./messages.ts";
import { checkNodeName, isHost, splitNodeName } from "./node-name.ts";

export interface AcceptorOptions extends HandshakeOptions {
  /** Our full node name. */
  readonly name: string;
  readonly creation: number;
}

/**
 * What to say to a name. `ok_simultaneous`: we were connecting to it, and give that up. `nok`: we were, and go on with
 * that. `alive`: we are connected with a node of that name; should it say that it is the same, end that connection when
 * this one is "connected". A node that wants a name is answered with one.
 */
export type AcceptorAnswer = Acceptance | Refusal;

interface Acceptance {
  readonly status: "ok" | "ok_simultaneous" | "alive" | NamedStatus;
  readonly cookie: string;
}

interface Refusal {
  readonly status: "nok" | "not_allowed";
  readonly cookie?: string | undefined;
}

/** Named after the message that is waited for; in "decision" our driver has to call answer(). */
type State = "name" | "decision" | "alive answer" | "complement" | "reply";

/** Throws RangeError for names and cookies that Erlang could not have. */
export class Acceptor extends Machine<State> {
  readonly #options: AcceptorOptions;
  #name: NameMessage | undefined;
  #cookie = "";
  #ourFlags: bigint;

  protected readonly steps: Readonly<Record<State, Step<State>>> = {
    name: {
      awaits: "its name",
      take: (message) => this.#takeName(decodeName(message)),
      ended: ["closed", () => "a connection was closed before its node said its name"],
    },
    decision: {
      awaits: "our own decision on it",
      ended: ["closed", () => `${this.peer} closed the connection before it was answered`],
    },
    "alive answer": {
      awaits: "its answer whether it takes the place of its old connection",
      take: (message) => this.#takeAliveAnswer(decodeAliveAnswer(message)),
      ended: ["closed", () => `${this.peer} closed the connection when it heard that it is still connected`],
    },
    complement: {
      awaits: "the second half of its flags",
      take: (message) => this.#takeComplement(decodeComplement(message)),
      ended: ["closed", () => `${this.peer} closed the connection after our challenge`],
    },
    reply: {
      awaits: "its reply to our challenge",
      take: (message) => this.#takeReply(decodeReply(message)),
      ended: ["closed", () => `${this.peer} closed the connection after our challenge`],
    },
  };

  constructor(options: AcceptorOptions) {
    super("name", options);
    checkNodeName(options.name);
    this.#options = options;
    this.#ourFlags = options.flags;
  }

  override receive(chunk: Uint8Array): void {
    super.receive(chunk);
    // Nothing is due from the peer, and nobody reads what it sends all the same.
    if (this.state === "decision" && this.queuedBytes > this.options.handshakeBytes) {
      this.fail(this.error("bad_message", `${this.peer} sends on without waiting for an answer to its name`));
    }
  }

  /**
   * The decision on the event "name"; it may come later, since a cookie may have to be looked up. Does nothing when the
   * handshake has failed meanwhile.
   */
  answer(answer: AcceptorAnswer): void {
    if (this.state === "failed") return;
    if (this.state !== "decision") throw new Error('an Acceptor is answered once, after its event "name"');
    if (isRefusal(answer)) {
      this.#refuse(answer.status);
      return;
    }
    const { status, cookie } = answer;
    const isNamed = typeof status === "object";
    if (isNamed) checkNodeName(status.named);
    if (isNamed !== wantsName(this.#theirs))
      throw new TypeError("a node that wants a name is answered with one, and no other is");
    checkCookie(cookie);
    this.#cookie = cookie;
    if (isNamed) {
      // A node that we named is hidden, whatever both say.
      this.#name = { ...this.#theirs, name: status.named, creation: status.creation };
      this.#ourFlags = (this.#ourFlags | DFLAG.NAME_ME) & ~DFLAG.PUBLISHED;
    }
    this.send(encodeStatus(status));
    this.run(() => (status === "alive" ? "alive answer" : this.#sendChallenge()));
  }

  protected override get peer(): string | undefined {
    return this.#name?.name;
  }

  get #theirs(): NameMessage {
    if (this.#name === undefined) throw new Error("unreachable: no state but the first is without a name");
    return this.#name;
  }

  #takeName(message: NameMessage): State {
    const { version, name, creation } = message;
    const flags = expandDigest(message.flags);
    const isNamed = splitNodeName(name) !== undefined;
    if (!isNamed && !(wantsName({ flags }) && isHost(name))) {
      throw this.error("bad_name", `a node that connected calls itself ${shown(name)}, which is no node name`);
    }
    this.#name = { version, flags, creation, name };
    if (name === this.#options.name) {
      this.send(encodeStatus("nok"));
      throw this.error("bad_name", `a node that connected calls itself ${name}, as we do`);
    }
    // Version 5 shows the upper half of the flags later.
    this.#checkFlags(version === 5 ? LOWER_FLAGS : undefined);
    this.emit({ type: "name", name, flags, creation, version, wantsName: wantsName({ flags }) });
    return "decision";
  }

  #refuse(status: "nok" | "not_allowed"): void {
    this.send(encodeStatus(status));
    this.fail(
      status === "nok"
        ? this.error("simultaneous_refused", `${this.peer} was refused: we are connecting to it ourselves`)
        : this.error("not_allowed", `${this.peer} was refused: it is not allowed to connect`),
    );
  }

  #takeAliveAnswer(proceed: boolean): State {
    if (proceed) return this.#sendChallenge();
    throw this.error("name_in_use", `${this.peer} withdrew when it heard that a node of its name is connected`);
  }

  #sendChallenge(): State {
    const { name, creation, challenge } = this.#options;
    this.send(encodeChallenge({ flags: this.#ourFlags, challenge, creation, name }));
    return this.#theirs.version === 5 ? "complement" : "reply";
  }

  #takeComplement({ upperFlags, creation }: { readonly upperFlags: bigint; readonly creation: number }): State {
    const lower = this.#theirs;
    this.#name = { ...lower, flags: lower.flags | (upperFlags << 32n), creation };
    this.#checkFlags();
    return "reply";
  }

  #checkFlags(known?: bigint): void {
    const missing = missingFlags(this.#theirs.flags, known);
    if (missing === 0n) return;
    this.send(encodeStatus("not_allowed"));
    const words = `${this.peer} was refused: it cannot do what every node since OTP 26 must, it lacks`;
    throw this.error("missing_flags", `${words} ${flagNames(missing).join(", ")}`);
  }

  #takeReply({ challenge, digest: theirs }: ReplyMessage): HandshakeResult {
    // Closing without an ack is how a node says that the cookie is wrong.
    if (!equalDigests(theirs, digest(this.#cookie, this.options.challenge))) {
      throw this.error("wrong_cookie", `${this.peer} was refused: it has another cookie than ours for it`);
    }
    this.send(encodeAck(digest(this.#cookie, challenge)));
    const { name, creation } = this.#options;
    return agree({ name, creation, flags: this.#ourFlags }, this.#theirs);
  }
}

function wantsName({ flags }: Pick<NameMessage, "flags">): boolean {
  return (flags & DFLAG.NAME_ME) !== 0n;
}

function isRefusal(answer: AcceptorAnswer): answer is Refusal {
  return answer.status === "nok" || answer.status === "not_allowed";
}
