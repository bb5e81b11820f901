// Who calls: a token signed with CALLER_KEY (HS256), or the assertion that Cloudflare Access puts before the Worker.
import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from "jose";
import { CallError } from "./call-error.ts";

export interface Caller {
  /** The token's subject; with Access the e-mail address, or the name of a service token. */
  readonly name: string;
  readonly by: "key" | "access";
}

/** HMAC with SHA-256 wants a key as long as its result. */
const KEY_CHARACTERS = 32;

/** Nobody can take a token back, so none lives long. */
const MAX_TOKEN_SECONDS = 24 * 3600;

/** Clocks differ. */
const TOLERANCE_SECONDS = 5;

/** Throws a CallError: `no_token`, `bad_token`, `bad_settings` or `access_unreachable`. */
export async function authenticate(request: Request, env: Env): Promise<Caller> {
  const bearer = /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
  if (bearer !== undefined) return byKey(bearer, env);
  const assertion = request.headers.get("cf-access-jwt-assertion");
  if (assertion !== null && env.ACCESS_TEAM !== "") return byAccess(assertion, env);
  throw new CallError("no_token", 'a header "Authorization: Bearer …" is needed, with a token signed with CALLER_KEY');
}

/** Throws a CallError `bad_settings`. */
export function checkCallerKey(key: string | undefined): asserts key is string {
  if (key !== undefined && key.length >= KEY_CHARACTERS) return;
  throw new CallError("bad_settings", `the secret CALLER_KEY is not set, or has less than ${KEY_CHARACTERS} characters`);
}

async function byKey(token: string, env: Env): Promise<Caller> {
  const key = env.CALLER_KEY;
  checkCallerKey(key);
  const payload = await verified(() =>
    jwtVerify(token, new TextEncoder().encode(key), {
      algorithms: ["HS256"],
      audience: env.NODE_NAME,
      requiredClaims: ["sub", "exp"],
      clockTolerance: TOLERANCE_SECONDS,
    }),
  );
  const { sub = "", exp = Infinity } = payload;
  if (exp - Date.now() / 1000 > MAX_TOKEN_SECONDS + TOLERANCE_SECONDS) {
    throw new CallError("bad_token", "the token is good for more than a day; take a shorter one");
  }
  return { name: sub, by: "key" };
}

async function byAccess(assertion: string, env: Env): Promise<Caller> {
  if (env.ACCESS_AUDIENCE === "") throw new CallError("bad_settings", "ACCESS_TEAM is set, and ACCESS_AUDIENCE is not");
  const team = accessTeam(env.ACCESS_TEAM);
  const payload = await verified(() =>
    jwtVerify(assertion, accessKeys(team), {
      algorithms: ["RS256"],
      issuer: team.origin,
      audience: env.ACCESS_AUDIENCE,
      requiredClaims: ["exp"],
      clockTolerance: TOLERANCE_SECONDS,
    }),
  );
  const name = payload["email"] ?? payload["common_name"] ?? payload.sub;
  return { name: typeof name === "string" ? name : "", by: "access" };
}

async function verified(verify: () => Promise<{ readonly payload: JWTPayload }>): Promise<JWTPayload> {
  try {
    return (await verify()).payload;
  } catch (error) {
    if (error instanceof errors.JWTExpired) throw new CallError("bad_token", "the token has expired");
    if (error instanceof errors.JWSSignatureVerificationFailed)
      throw new CallError("bad_token", "the token's signature is wrong");
    // Its words name a claim or an algorithm, and no value.
    if (error instanceof errors.JOSEError && isOfToken(error))
      throw new CallError("bad_token", `the token is none for here: ${error.message}`);
    throw new CallError("access_unreachable", "the keys of Cloudflare Access cannot be read, so no caller can be known by it", {
      cause: error,
    });
  }
}

/** The others are about getting keys. */
function isOfToken({ code }: errors.JOSEError): boolean {
  return /^ERR_(?:JWT|JWS|JOSE_(?:ALG|NOT))/.test(code) || code === "ERR_JWKS_NO_MATCHING_KEY";
}

function accessTeam(text: string): URL {
  const team = URL.canParse(text) ? new URL(text) : undefined;
  const isLocal = team?.hostname === "127.0.0.1" || team?.hostname === "localhost";
  if (team?.protocol === "https:" || (team?.protocol === "http:" && isLocal)) return team;
  throw new CallError("bad_settings", 'the variable ACCESS_TEAM is no address, as "https://team.cloudflareaccess.com" is');
}

/** The keys of each team, fetched when first needed and again when one is unknown; they are the same for all requests. */
const KEYS = new Map<string, JWTVerifyGetKey>();

function accessKeys(team: URL): JWTVerifyGetKey {
  const known = KEYS.get(team.origin);
  if (known !== undefined) return known;
  const keys = createRemoteJWKSet(new URL("/cdn-cgi/access/certs", team));
  KEYS.set(team.origin, keys);
  return keys;
}
