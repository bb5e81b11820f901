// Who asks, and what they may do: a function from the opening request to a grant. The built-in ones lie beside; an application can
// give its own.
import type { NameRule } from "./names.ts";
import type { Opening } from "./opening.ts";

/** What a token, or whatever else was shown, allows. */
export interface Grant {
  /** For whom: in the log, for the cap of links, and to end all of one's links. */
  readonly subject: string;
  /** Names this grant: the secret of its sessions is made from it. A JWT's `jti`. */
  readonly id: string;
  /** Ids of the targets, or all. */
  readonly targets: readonly string[] | "all";
  /** How the page is called on the node, in place of the target's own rule. */
  readonly name?: NameRule | undefined;
  /** When its links have to end, in milliseconds since 1970. */
  readonly endsAt?: number | undefined;
  /** It is good for one link only, and has to be remembered until then: milliseconds since 1970. */
  readonly spentUntil?: number | undefined;
  /** SHA-256 of a token that the configuration has: the grant holds for as long as it has that. */
  readonly tokenHash?: Uint8Array | undefined;
  /** Asks again, at intervals while a link lives, and when the configuration has changed. */
  readonly recheck?: ((options: VerifyOptions) => Verdict | Promise<Verdict>) | undefined;
}

/** `denied` is for the operator and never holds what was shown; the page hears only that it is not let in. */
export type Verdict = { readonly grant: Grant; readonly denied?: undefined } | { readonly denied: string };

export interface VerifyOptions {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly signal: AbortSignal;
}

/** Should it throw, nobody is let in and the error goes to the log. */
export interface Verify {
  (opening: Opening, options: VerifyOptions): Verdict | Promise<Verdict>;
  /** What holds now for a grant with this `tokenHash`, which another configuration's verifier may have given. Without it, nothing. */
  readonly byTokenHash?: ((hash: Uint8Array) => Promise<Verdict>) | undefined;
}
