// Tokens that somebody else signs (RFC 7519): an application's own server gives a page one for the next minutes.
//
//   sub      for whom                         jti      names the token; it is good for one link
//   exp      when it has to be used           targets  ids of targets, or target: one id
//   name     its full node name, or pool: several to take one from
//   session  seconds that its link may last
import { importJWK, importSPKI, type JWTPayload, errors, type JWK, jwtVerify } from "jose";
import { checkNameRule, type NameRule } from "./names.ts";
import { checkKey } from "./session-secret.ts";
import type { Grant, Verdict, Verify } from "./verifier.ts";

export interface JwtOptions {
  readonly algorithm: "HS256" | "EdDSA";
  /** HS256: the shared secret, 32 bytes or more. EdDSA: the public key, as PEM (SPKI) or JWK in JSON. */
  readonly key: string;
  /** What `iss` and `aud` must be. */
  readonly issuer?: string | undefined;
  readonly audience?: string | undefined;
  /** Longest that a token may be good for, by default 300 s: it is only for connecting. */
  readonly longestSeconds?: number | undefined;
}

export const DEFAULT_LONGEST_SECONDS = 300;
/** Clocks differ. */
const LEEWAY_SECONDS = 5;

/** Throws a RangeError for a key that is too short; a key that is none rejects each verification. */
export function jwtTokens(options: JwtOptions): Verify {
  const { algorithm, issuer, audience, longestSeconds = DEFAULT_LONGEST_SECONDS } = options;
  if (algorithm === "HS256") checkKey(options.key, "key");
  const key = importKey(options);
  // Whoever verifies hears of it.
  key.catch(() => undefined);
  return async ({ token }, { now }): Promise<Verdict> => {
    if (token === undefined) return { denied: "no token was shown" };
    const verifying = await key;
    try {
      const { payload } = await jwtVerify(token, verifying, {
        algorithms: [algorithm],
        ...(issuer === undefined ? {} : { issuer }),
        ...(audience === undefined ? {} : { audience }),
        requiredClaims: ["sub", "jti", "exp"],
        currentDate: new Date(now),
        clockTolerance: LEEWAY_SECONDS,
      });
      return grantOf(payload, now, longestSeconds);
    } catch (error) {
      if (!(error instanceof errors.JOSEError)) throw error;
      return { denied: `the token does not hold: ${error.message}` };
    }
  };
}

/** The key that verifies, checked. Rejects with a TypeError for a text that is none. */
export async function importKey({ algorithm, key }: Pick<JwtOptions, "algorithm" | "key">): Promise<CryptoKey | Uint8Array> {
  if (algorithm === "HS256") return new TextEncoder().encode(key);
  try {
    if (!key.trimStart().startsWith("{")) return await importSPKI(key, algorithm);
    const jwk = JSON.parse(key) as JWK;
    if (jwk.kty !== "OKP" || jwk.d !== undefined) throw new TypeError("it is no public Ed25519 key");
    return await importJWK(jwk, algorithm);
  } catch (error) {
    throw new TypeError("an Ed25519 public key is expected, as PEM or JWK", { cause: error });
  }
}

function grantOf(payload: JWTPayload, now: number, longestSeconds: number): Verdict {
  const { sub, jti, exp = 0 } = payload;
  if (typeof sub !== "string" || typeof jti !== "string" || sub === "" || jti === "" || jti.length > 255) {
    return { denied: "the token's sub and jti must be texts, jti of 255 characters at most" };
  }
  if (exp - now / 1000 > longestSeconds + LEEWAY_SECONDS) {
    return { denied: `the token is good for longer than ${longestSeconds} s` };
  }
  const targets = textsOf(payload["targets"] ?? payload["target"]);
  if (targets === undefined) return { denied: "the token says no targets: a list of ids, or target with one" };
  const name = nameRuleOf(payload);
  if (name === "bad") return { denied: "the token's name is no full node name, or its pool no list of them" };
  const session = payload["session"];
  if (session !== undefined && !(typeof session === "number" && session > 0)) {
    return { denied: "the token's session is no number of seconds" };
  }
  const grant: Grant = {
    subject: sub,
    id: jti,
    targets,
    name,
    endsAt: session === undefined ? undefined : now + session * 1000,
    spentUntil: (exp + LEEWAY_SECONDS) * 1000,
  };
  return { grant };
}

function textsOf(value: unknown): readonly string[] | undefined {
  const list: unknown = typeof value === "string" ? [value] : value;
  return Array.isArray(list) && list.length > 0 && list.every((each) => typeof each === "string") ? list : undefined;
}

function nameRuleOf({ name, pool }: JWTPayload): NameRule | "bad" | undefined {
  if (name === undefined && pool === undefined) return undefined;
  const names = textsOf(name ?? pool);
  if (names === undefined || (name !== undefined && typeof name !== "string")) return "bad";
  const rule: NameRule = typeof name === "string" ? { type: "pin", name } : { type: "pool", names };
  try {
    checkNameRule(rule);
    return rule;
  } catch {
    // Said in the verdict, which has to hold no part of a token.
    return "bad";
  }
}
