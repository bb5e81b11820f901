// Who is let in by each of the built-in verifiers, and what each says when it does not.
import { exportJWK, exportSPKI, generateKeyPair, SignJWT } from "jose";
import { describe, expect, it } from "vitest";
import { httpCallback } from "./http-callback.ts";
import { jwtTokens } from "./jwt.ts";
import { type Opening, readOpening } from "./opening.ts";
import { proxyHeader } from "./proxy-header.ts";
import { sessionSecret } from "./session-secret.ts";
import { staticTokens } from "./static-tokens.ts";
import { mintTicket } from "./ticket.ts";

const KEY = "0123456789abcdef0123456789abcdef";
const NOW = 1_800_000_000_000;
const OPTIONS = { now: NOW, signal: new AbortController().signal };

const opening = (token?: string, more: Partial<Opening> = {}): Opening => ({
  ...readOpening({ ip: "203.0.113.7", url: "/dist/app", header: () => undefined }),
  token,
  ...more,
});

type Claims = Readonly<Record<string, unknown>>;

async function sign(
  claims: Claims,
  {
    alg = "HS256",
    key = new TextEncoder().encode(KEY),
    seconds = 60,
  }: { alg?: string; key?: Uint8Array | CryptoKey; seconds?: number } = {},
) {
  const all = { sub: "ann", jti: "t1", targets: ["app"], exp: NOW / 1000 + seconds, ...claims };
  return new SignJWT(all).setProtectedHeader({ alg }).sign(key);
}

describe("static tokens", () => {
  const verify = staticTokens([
    { token: "first", subject: "ann", targets: ["app"] },
    { token: "second", subject: "bob", name: { type: "pin", name: "bob@web" } },
  ]);

  it("know their bearers", async () => {
    expect(await verify(opening("first"), OPTIONS)).toEqual({
      grant: { subject: "ann", id: "static:ann", targets: ["app"], name: undefined, tokenHash: expect.any(Uint8Array) },
    });
    expect(await verify(opening("second"), OPTIONS)).toMatchObject({
      grant: { subject: "bob", targets: "all", name: { name: "bob@web" } },
    });
  });

  it("are known by their hashes, to a later configuration as well", async () => {
    const verdict = await verify(opening("second"), OPTIONS);
    const tokenHash = (verdict.denied === undefined && verdict.grant.tokenHash) || new Uint8Array();
    expect(await verify.byTokenHash?.(tokenHash)).toEqual(verdict);
    const later = staticTokens([{ token: "second", subject: "carl" }]);
    expect(await later.byTokenHash?.(tokenHash)).toMatchObject({ grant: { subject: "carl" } });
    expect(await staticTokens([{ token: "first", subject: "bob" }]).byTokenHash?.(tokenHash)).toHaveProperty("denied");
  });

  it.each([undefined, "", "firs", "first ", "third"])("do not take %j", async (token) => {
    expect(await verify(opening(token), OPTIONS)).toHaveProperty("denied");
  });
});

describe("[T20] signed tokens", () => {
  const verify = jwtTokens({ algorithm: "HS256", key: KEY, issuer: "shop", audience: "bridge" });
  const ours = { iss: "shop", aud: "bridge" };

  it("say who, for what, how called, and how long", async () => {
    expect(await verify(opening(await sign({ ...ours, pool: ["a@web", "b@web"], session: 3600 })), OPTIONS)).toEqual({
      grant: {
        subject: "ann",
        id: "t1",
        targets: ["app"],
        name: { type: "pool", names: ["a@web", "b@web"] },
        endsAt: NOW + 3_600_000,
        spentUntil: NOW + 65_000,
      },
    });
    const pinned = await verify(opening(await sign({ ...ours, targets: undefined, target: "shop", name: "ann@web" })), OPTIONS);
    expect(pinned).toMatchObject({ grant: { targets: ["shop"], name: { type: "pin", name: "ann@web" } } });
  });

  it.each<[string, Claims, object, string]>([
    ["expired", ours, { seconds: -6 }, '"exp" claim timestamp check failed'],
    ["good for too long", ours, { seconds: 400 }, "good for longer than 300 s"],
    ["without an end", { ...ours, exp: undefined }, {}, 'missing required "exp" claim'],
    ["without a name of its own", { ...ours, jti: undefined }, {}, 'missing required "jti" claim'],
    ["for nobody", { ...ours, sub: "" }, {}, "sub and jti must be texts"],
    ["not yet good", { ...ours, nbf: NOW / 1000 + 60 }, {}, '"nbf" claim timestamp check failed'],
    ["of another issuer", { ...ours, iss: "other" }, {}, 'unexpected "iss" claim value'],
    ["for another audience", { ...ours, aud: "other" }, {}, 'unexpected "aud" claim value'],
    ["signed with another key", ours, { key: new TextEncoder().encode("x".repeat(32)) }, "signature verification failed"],
    ["signed another way", ours, { alg: "HS512" }, '"alg" (Algorithm) Header Parameter value not allowed'],
    ["for no target", { ...ours, targets: [] }, {}, "says no targets"],
    ["for targets that are none", { ...ours, targets: [1] }, {}, "says no targets"],
    ["with a name that is none", { ...ours, name: "ann" }, {}, "no full node name"],
    ["with a pool that is none", { ...ours, pool: "ann" }, {}, "no full node name"],
    ["with no length of its session", { ...ours, session: "long" }, {}, "no number of seconds"],
  ])("are refused when %s", async (_, claims, how, words) => {
    const token = await sign(claims, how);
    const verdict = await verify(opening(token), OPTIONS);
    expect(verdict).toEqual({ denied: expect.stringContaining(words) });
    for (const part of token.split(".")) expect(JSON.stringify(verdict)).not.toContain(part);
  });

  it("are refused unsigned, or when they are none", async () => {
    const none = `${btoa('{"alg":"none"}')}.${btoa(JSON.stringify({ ...ours, sub: "ann", jti: "1", targets: ["app"], exp: 1.9e9 }))}.`;
    for (const token of [none.replaceAll("=", ""), "a.b.c", "", "ä", undefined]) {
      expect(await verify(opening(token), OPTIONS)).toHaveProperty("denied");
    }
  });

  it("may be signed with Ed25519, whose public key comes as PEM or JWK", async () => {
    const { publicKey, privateKey } = await generateKeyPair("EdDSA", { extractable: true });
    const token = await sign({}, { alg: "EdDSA", key: privateKey });
    for (const key of [await exportSPKI(publicKey), JSON.stringify(await exportJWK(publicKey))]) {
      expect(await jwtTokens({ algorithm: "EdDSA", key })(opening(token), OPTIONS)).toMatchObject({ grant: { subject: "ann" } });
      // A public key must never be taken for a shared secret.
      const forged = await sign({}, { key: new TextEncoder().encode(key) });
      expect(await jwtTokens({ algorithm: "EdDSA", key })(opening(forged), OPTIONS)).toHaveProperty("denied");
    }
    const secret = JSON.stringify(await exportJWK(privateKey));
    await expect(jwtTokens({ algorithm: "EdDSA", key: secret })(opening(token), OPTIONS)).rejects.toThrow(
      "public key is expected",
    );
    await expect(jwtTokens({ algorithm: "EdDSA", key: "x" })(opening(token), OPTIONS)).rejects.toThrow("public key is expected");
  });

  it("need a key that cannot be guessed", () => {
    expect(() => jwtTokens({ algorithm: "HS256", key: "short" })).toThrow("has 5 bytes, and less than 32 can be guessed");
  });
});

describe("a ticket", () => {
  it("is a token that the bridge takes, and the secret that it makes again", async () => {
    const ticket = await mintTicket({ key: KEY, subject: "ann", target: "app", name: "ann@web", session: 60, now: NOW });
    const verdict = await jwtTokens({ algorithm: "HS256", key: KEY })(opening(ticket.token), OPTIONS);
    expect(verdict).toMatchObject({
      grant: { subject: "ann", targets: ["app"], name: { name: "ann@web" }, endsAt: NOW + 60_000 },
    });
    if (verdict.denied !== undefined) throw new Error(verdict.denied);
    expect(await sessionSecret(KEY, verdict.grant.id, "app")).toBe(ticket.secret);
    expect(ticket.secret).toMatch(/^[\w-]{43}$/);
    const other = await mintTicket({ key: KEY, subject: "ann", target: "app", now: NOW });
    expect(other.secret).not.toBe(ticket.secret);
  });

  it("has another secret for each id, target and key, however they are cut", async () => {
    const secrets = [
      await sessionSecret(KEY, "a", "bc"),
      await sessionSecret(KEY, "ab", "c"),
      await sessionSecret(KEY, "a\0bc", ""),
      await sessionSecret(`${KEY}x`, "a", "bc"),
    ];
    expect(new Set(secrets).size).toBe(4);
    await expect(sessionSecret("short", "a", "b")).rejects.toThrow(RangeError);
  });
});

describe("a callback by HTTP", () => {
  const asked: { url: string; body: unknown; authorization: string | null }[] = [];
  const verifier = (answer: () => Response) =>
    httpCallback({
      url: "https://shop.example/may",
      authorization: "Bearer of-the-bridge",
      fetch: async (url, init) => {
        const request = new Request(url, init);
        asked.push({ url: request.url, body: await request.json(), authorization: request.headers.get("authorization") });
        return answer();
      },
    });
  const json = (value: unknown) => (): Response => new Response(JSON.stringify(value));

  it("asks with what the page has shown, and takes the answer for a grant that it asks for again", async () => {
    const verify = verifier(json({ subject: "ann", targets: ["app"], pool: ["a@web"], session: 60 }));
    const verdict = await verify(opening("t", { origin: "https://shop.example" }), OPTIONS);
    expect(asked.at(-1)).toEqual({
      url: "https://shop.example/may",
      body: { token: "t", target: "app", ip: "203.0.113.7", origin: "https://shop.example" },
      authorization: "Bearer of-the-bridge",
    });
    expect(verdict).toMatchObject({
      grant: { subject: "ann", id: "http:ann", targets: ["app"], name: { names: ["a@web"] }, endsAt: NOW + 60_000 },
    });
    if (verdict.denied !== undefined) throw new Error(verdict.denied);
    expect(await verdict.grant.recheck?.(OPTIONS)).toMatchObject({ grant: { subject: "ann" } });
  });

  it.each([401, 403])("takes %i for no", async (status) => {
    expect(await verifier(() => new Response("no", { status }))(opening("t"), OPTIONS)).toEqual({
      denied: `the application said ${status}`,
    });
  });

  it.each<[string, () => Response, string]>([
    ["another status", () => new Response("", { status: 500 }), "answered 500"],
    ["no JSON", () => new Response("yes"), "JSON"],
    ["nobody", json({}), "subject is no text"],
    ["no list of targets", json({ subject: "a", targets: "app" }), "targets is no list"],
    ["no name", json({ subject: "a", name: 1 }), "no full node name"],
    ["a name that Erlang cannot have", json({ subject: "a", name: "a" }), "is not a full node name"],
    ["too much", () => new Response("x".repeat(20_000)), "more than 16384 characters"],
  ])("fails on %s, and lets nobody in", async (_, answer, words) => {
    await expect(verifier(answer)(opening("t"), OPTIONS)).rejects.toThrow(words);
  });
});

describe("a proxy's header", () => {
  const verify = proxyHeader({ header: "X-Forwarded-User" });
  const header = (name: string): string | undefined => (name === "x-forwarded-user" ? " ann " : undefined);

  it("names who is signed in there", () => {
    expect(verify(opening(undefined, { isFromProxy: true, header }), OPTIONS)).toEqual({
      grant: { subject: "ann", id: "proxy:ann", targets: "all" },
    });
  });

  it("is believed of nobody else", () => {
    expect(verify(opening(undefined, { header }), OPTIONS)).toEqual({ denied: "the request came by no trusted proxy" });
    expect(verify(opening(undefined, { isFromProxy: true }), OPTIONS)).toEqual({
      denied: "the proxy's x-forwarded-user names nobody",
    });
  });
});
