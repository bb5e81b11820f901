// Tokens that are written down in the configuration: for a few programs or people who can keep one.
import { equalDigests } from "@erl-dist/core/handshake";
import type { NameRule } from "./names.ts";
import type { Opening } from "./opening.ts";
import type { Verdict, Verify } from "./verifier.ts";

export interface StaticToken {
  readonly token: string;
  readonly subject: string;
  /** By default all. */
  readonly targets?: readonly string[] | undefined;
  readonly name?: NameRule | undefined;
}

/**
 * The grant's id is `static:` and the subject. The bearer may come again as often as it likes, until the configuration has the
 * token no more; its links end then, too.
 */
export function staticTokens(tokens: readonly StaticToken[]): Verify {
  const known = Promise.all(tokens.map(async (each) => ({ ...each, hash: await sha256(each.token) })));
  const byTokenHash = async (tokenHash: Uint8Array): Promise<Verdict> => {
    // All of them are compared, so that the time tells nothing.
    const [found] = (await known).filter((each) => equalDigests(tokenHash, each.hash));
    if (found === undefined) return { denied: "the token is none of the configuration's" };
    const { subject, targets = "all", name } = found;
    return { grant: { subject, id: `static:${subject}`, targets, name, tokenHash } };
  };
  const verify = async ({ token }: Opening): Promise<Verdict> =>
    token === undefined ? { denied: "no token was shown" } : byTokenHash(await sha256(token));
  return Object.assign(verify, { byTokenHash });
}

async function sha256(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}
