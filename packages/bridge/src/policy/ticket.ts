// What an application's server hands to a page: a token for the bridge, and the secret that the page uses as its cookie.
import { SignJWT } from "jose";
import { checkKey, sessionSecret } from "./session-secret.ts";

export interface TicketOptions {
  /** The bridge's key: the secret is made from it, and it signs the token. */
  readonly key: string;
  /** Where the bridge's verifier has a key of its own. */
  readonly signingKey?: string | undefined;
  readonly subject: string;
  /** Id of the one target that it is for. */
  readonly target: string;
  /** Full node name that the page has; without it the target's rule says. */
  readonly name?: string | undefined;
  /** Until when it has to be used, by default in 60 s. */
  readonly seconds?: number | undefined;
  /** Seconds that the link may last; without it as long as the bridge allows. */
  readonly session?: number | undefined;
  readonly issuer?: string | undefined;
  readonly audience?: string | undefined;
  /** Milliseconds since 1970, by default the present. */
  readonly now?: number | undefined;
}

export interface Ticket {
  /** For `bridge(url, { token })`. Good for one connection. */
  readonly token: string;
  /** For `ErlangNode.start({ cookie })`. */
  readonly secret: string;
}

/** For a bridge whose verifier is a JWT signed with HS256 and the bridge's own key. */
export async function mintTicket(options: TicketOptions): Promise<Ticket> {
  const { key, signingKey = key, subject, target, name, seconds = 60, session, issuer, audience, now = Date.now() } = options;
  checkKey(key, "key");
  checkKey(signingKey, "signingKey");
  const id = crypto.randomUUID();
  const jwt = new SignJWT({ target, ...(name === undefined ? {} : { name }), ...(session === undefined ? {} : { session }) })
    .setProtectedHeader({ alg: "HS256" })
    .setSubject(subject)
    .setJti(id)
    .setIssuedAt(Math.floor(now / 1000))
    .setExpirationTime(Math.floor(now / 1000) + seconds);
  if (issuer !== undefined) jwt.setIssuer(issuer);
  if (audience !== undefined) jwt.setAudience(audience);
  const token = await jwt.sign(new TextEncoder().encode(signingKey));
  return { token, secret: await sessionSecret(key, id, target) };
}
