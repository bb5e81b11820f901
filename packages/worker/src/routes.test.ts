// What is decided before any object or node is asked.
import { SignJWT } from "jose";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { answer } from "./routes.ts";

const KEY = "a-key-for-callers-of-more-than-32-characters";
const COOKIE = "a-cookie-that-no-answer-may-hold";

type Env = Readonly<Record<string, unknown>>;

beforeEach(() => void vi.spyOn(console, "log").mockImplementation(() => undefined));
afterEach(() => {
  vi.restoreAllMocks();
});

// The object is not reached, so there is none.
const env = (change: Readonly<Record<string, unknown>> = {}): Env => ({
  NODE_NAME: "worker@edge",
  NODES: "app@127.0.0.1",
  ERL_EPMD_PORT: "4369",
  ALLOW: {},
  BRIDGE: {},
  IDLE_SECONDS: "300",
  KEEP_ALIVE_SECONDS: "30",
  ACCESS_TEAM: "",
  ACCESS_AUDIENCE: "",
  ERLANG_COOKIE: COOKIE,
  CALLER_KEY: KEY,
  ERLANG_NODE: { getByName: () => ({}) },
  ...change,
});

interface TokenOptions {
  readonly key?: string;
  readonly audience?: string;
  readonly expires?: string | undefined;
  readonly subject?: string | undefined;
  readonly alg?: string;
}

function token({ key = KEY, audience = "worker@edge", alg = "HS256", ...options }: TokenOptions = {}): Promise<string> {
  const expires = "expires" in options ? options.expires : "1h";
  const subject = "subject" in options ? options.subject : "ann";
  let jwt = new SignJWT().setProtectedHeader({ alg }).setAudience(audience);
  if (expires !== undefined) jwt = jwt.setExpirationTime(expires);
  if (subject !== undefined) jwt = jwt.setSubject(subject);
  return jwt.sign(new TextEncoder().encode(key));
}

interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly env?: Env;
}

async function ask(
  path: string,
  { env: environment = env(), ...init }: Asked = {},
): Promise<{ readonly response: Response; readonly text: string }> {
  const authorization = `Bearer ${await token()}`;
  const headers = { authorization, ...(init.body === undefined ? {} : { "content-type": "application/json" }), ...init.headers };
  const method = init.method ?? (init.body === undefined ? "GET" : "POST");
  const response = await answer(new Request(`https://worker.example${path}`, { ...init, method, headers }), environment);
  const text = await response.text();
  const said = text + vi.mocked(console.log).mock.calls.join("\n");
  for (const secret of [KEY, COOKIE]) expect(said).not.toContain(secret);
  return { response, text };
}

async function refusal(path: string, asked?: Asked): Promise<[number, string, string]> {
  const { response, text } = await ask(path, asked);
  const { error } = JSON.parse(text) as { error: { code: string; message: string } };
  return [response.status, error.code, error.message];
}

describe("a caller", () => {
  it.each<[string, TokenOptions, RegExp]>([
    ["signed with another key", { key: "b".repeat(40) }, /signature is wrong/],
    ["for another node", { audience: "other@edge" }, /"aud"/],
    ["that has expired", { expires: "-1m" }, /has expired/],
    ["that never expires", { expires: undefined }, /"exp"/],
    ["that lives too long", { expires: "2d" }, /more than a day/],
    ["of nobody", { subject: undefined }, /"sub"/],
    ["by another algorithm", { alg: "HS512" }, /alg/],
  ])("with a token %s is told so", async (_, options, words) => {
    const [status, code, message] = await refusal("/nodes", { headers: { authorization: `Bearer ${await token(options)}` } });
    expect([status, code]).toEqual([401, "bad_token"]);
    expect(message).toMatch(words);
  });

  it.each(["", "Basic YTpi", "Bearer"])("with the header %j is told what is needed", async (authorization) => {
    const { response, text } = await ask("/nodes", { headers: { authorization } });
    expect(response.status).toBe(401);
    expect(response.headers.get("www-authenticate")).toBe("Bearer");
    expect(text).toMatch(/no_token.*Authorization: Bearer/);
  });

  it("cannot sign a token with `none`", async () => {
    const part = (value: object): string => btoa(JSON.stringify(value)).replaceAll("=", "");
    const claims = { sub: "ann", aud: "worker@edge", exp: Math.floor(Date.now() / 1000) + 60 };
    const none = `${part({ alg: "none" })}.${part(claims)}.`;
    expect(await refusal("/nodes", { headers: { authorization: `Bearer ${none}` } })).toMatchObject([401, "bad_token", {}]);
  });

  it("gets nowhere by an Access assertion where there is no Access", async () => {
    const headers = { authorization: "", "cf-access-jwt-assertion": await token() };
    expect(await refusal("/nodes", { headers })).toMatchObject([401, "no_token", {}]);
  });
});

describe("a request", () => {
  it.each<[string, string, Asked, number, string]>([
    ["for an unknown path", "/pong", {}, 404, "no_such_route"],
    ["for a property that each object has", "/constructor", {}, 404, "no_such_route"],
    ["that is no JSON", "/call", { body: "{" }, 400, "bad_request"],
    ["that is no object", "/call", { body: "[]" }, 400, "bad_request"],
    ["that a form could send", "/call", { body: "{}", headers: { "content-type": "text/plain" } }, 415, "not_json"],
    ["that is too large", "/call", { body: JSON.stringify("x".repeat(2 ** 20)) }, 413, "too_large"],
    ["without a node", "/ping", {}, 400, "bad_request"],
    ["for no node name", "/ping?node=app", {}, 400, "bad_request"],
    ["for a node that is not named", "/ping?node=other@127.0.0.1", {}, 403, "node_not_allowed"],
    ["without nodes to subscribe to", "/subscribe", { body: '{"nodes":[]}' }, 400, "bad_request"],
    ["for a name that is not allowed", "/subscribe?node=app@127.0.0.1&name=rex", {}, 403, "not_allowed"],
    [
      "to monitor what is not allowed",
      "/subscribe",
      { body: '{"nodes":["app@127.0.0.1"],"monitor":[{"node":"app@127.0.0.1","name":"init"}]}' },
      403,
      "not_allowed",
    ],
    [
      "for any pid",
      "/send",
      { body: '{"pid":{"$etf":"g1h3DWFwcEAxMjcuMC4wLjEAAABaAAAAAAAABNI="},"message":1}' },
      403,
      "not_allowed",
    ],
    [
      "for a pid of another node",
      "/send",
      { body: '{"pid":{"$etf":"g1h3CGFwcEBob3N0AAAAWgAAAAAAAATS"},"message":1}' },
      403,
      "node_not_allowed",
    ],
    ["for a pid that is none", "/send", { body: '{"pid":1,"message":1}' }, 400, "bad_request"],
    ["for a name and a pid", "/send", { body: '{"name":"a","pid":1,"message":1}' }, 400, "bad_request"],
  ])("%s is answered by name", async (_, path, asked, status, code) => {
    expect(await refusal(path, asked)).toMatchObject([status, code, expect.stringMatching(/./)]);
  });

  it("of another method is told which there are", async () => {
    const { response } = await ask("/subscribe", { method: "DELETE" });
    expect([response.status, response.headers.get("allow")]).toEqual([405, "GET, POST"]);
  });
});

describe("a setting", () => {
  it.each<[string, Readonly<Record<string, unknown>>, RegExp]>([
    ["the cookie", { ERLANG_COOKIE: "" }, /secret ERLANG_COOKIE is not set/],
    ["the cookie", { ERLANG_COOKIE: "\u0100" }, /secret ERLANG_COOKIE: .*Latin-1/],
    ["the callers' key", { CALLER_KEY: "" }, /secret CALLER_KEY is not set/],
    ["the callers' key", { CALLER_KEY: "short" }, /less than 32 characters/],
    ["NODE_NAME", { NODE_NAME: "worker" }, /"aud"|NODE_NAME/],
    ["NODES", { NODES: "app" }, /NODES: .*app/],
    ["NODES", { NODES: "app@127.0.0.1=http" }, /NODES: app@127\.0\.0\.1=http is no port/],
    ["NODES", { NODES: "{" }, /NODES: .*JSON/],
    ["NODES", { NODES: 7 }, /NODES has to be text or an object/],
    ["NODES", { NODES: { "app@127.0.0.1": 1 } }, /has to be an object/],
    ["NODES", { NODES: { "app@127.0.0.1": { port: 1 } } }, /has a field "port"; there are host, portNo/],
    ["NODES", { NODES: { "app@127.0.0.1": { portNo: "1" } } }, /portNo has to be a number/],
    ["NODES", { NODES: { "app@127.0.0.1": { portNo: 70000 } } }, /no port/],
    ["ERL_EPMD_PORT", { ERL_EPMD_PORT: "0" }, /ERL_EPMD_PORT is no port/],
    ["IDLE_SECONDS", { IDLE_SECONDS: "" }, /IDLE_SECONDS is "", and has to be a number of seconds/],
    ["KEEP_ALIVE_SECONDS", { KEEP_ALIVE_SECONDS: "-1" }, /KEEP_ALIVE_SECONDS is "-1"/],
    ["BRIDGE", { BRIDGE: "{" }, /BRIDGE: .*JSON/],
    ["BRIDGE", { BRIDGE: [] }, /BRIDGE has to be an object/],
    ["BRIDGE", { BRIDGE: { target: {} } }, /has a field "target"; there are level, targets/],
    ["BRIDGE", { BRIDGE: { level: "blind" } }, /level: has to be "custody" or "gated"/],
    ["BRIDGE", { BRIDGE: { targets: [] } }, /targets: has to be an object/],
    [
      "BRIDGE",
      { BRIDGE: { targets: { app: "other@127.0.0.1" } } },
      /"app" is for "other@127\.0\.0\.1", which NODES does not name/,
    ],
    ["BRIDGE", { BRIDGE: { targets: { app: "app@127.0.0.1" }, origins: ["app.example"] } }, /origins: has to be an array/],
    ["BRIDGE", { BRIDGE: { targets: { app: "app@127.0.0.1" }, names: { type: "pool", names: [] } } }, /names: a pool/],
    ["ALLOW", { ALLOW: "[" }, /ALLOW is no JSON/],
    ["ALLOW", { ALLOW: [] }, /ALLOW has to be an object/],
    ["ALLOW", { ALLOW: { calls: [] } }, /has a field "calls"; there are erpc, atoms, call/],
    ["ALLOW", { ALLOW: { call: "echo" } }, /field call: has to be an array of strings/],
    ["ALLOW", { ALLOW: { erpc: ["lists"] } }, /"lists" is no rule/],
    ["ALLOW", { ALLOW: { erpc: ["*:*"] } }, /"\*:\*" is no rule/],
    ["ALLOW", { ALLOW: { erpc: ["os:*"] } }, /run anything on the node/],
    ["ALLOW", { ALLOW: { call: ["*"] } }, /"\*" is no rule/],
    ["ALLOW", { ALLOW: { subscribe: ["<pid>"] } }, /"<pid>" is no rule/],
  ])("that is wrong is named: %s", async (_, change, words) => {
    const headers = {
      authorization: `Bearer ${await token({ audience: change["NODE_NAME"] === undefined ? "worker@edge" : "worker" })}`,
    };
    // Only what needs the bridge reads that.
    const path = "BRIDGE" in change ? "/dist/app" : "/nodes";
    const [status, code, message] = await refusal(path, { env: env(change), headers });
    expect([status, code]).toEqual([500, "bad_settings"]);
    expect(message).toMatch(words);
  });

  it.each<[Readonly<Record<string, string>>, RegExp]>([
    [{ ACCESS_TEAM: "team", ACCESS_AUDIENCE: "a" }, /ACCESS_TEAM is no address/],
    [{ ACCESS_TEAM: "http://team.example", ACCESS_AUDIENCE: "a" }, /ACCESS_TEAM is no address/],
    [{ ACCESS_TEAM: "https://team.example" }, /ACCESS_AUDIENCE is not/],
  ])("of Access that is wrong is named: %j", async (change, words) => {
    const headers = { authorization: "", "cf-access-jwt-assertion": await token() };
    expect(await refusal("/nodes", { env: env(change), headers })).toMatchObject([
      500,
      "bad_settings",
      expect.stringMatching(words),
    ]);
  });
});
