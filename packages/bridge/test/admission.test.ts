// Who is let in, asked over a real WebSocket: a refusal has to be readable by the page.
import { SUBPROTOCOL, TOKEN_PREFIX } from "@erl-dist/core/transports/bridge-protocol";
import { expect, it } from "vitest";
import { type BridgeConfig, createBridge } from "../src/index.ts";
import { openPage, type PageOptions, startBridge, startStandIn } from "./support/bridge.ts";

const NOT_ALLOWED = 4403;

it.each([
  undefined,
  "http://localhost",
  "http://localhost:5173",
  "https://localhost:8443",
  "http://127.0.0.1:5173",
  "http://127.1.2.3",
  "http://[::1]:5173",
  "http://demo.localhost:5173",
])("lets a page of %s in", async (origin) => {
  expect(await outcome({}, { origin })).toBe("open");
});

it.each([
  "null",
  "https://example.com",
  "http://localhost.example.com",
  "http://example.com:5173",
  "http://127.0.0.1.example.com",
  "http://127.0.0.1@example.com",
  "file://",
  "chrome-extension://abcdef",
])("refuses a page of %j", async (origin) => {
  expect(await outcome({}, { origin })).toEqual({
    code: NOT_ALLOWED,
    reason: "pages of this origin may not use the bridge; its --origin option adds one",
  });
});

it("lets in only the origins that it was given, where it was given some", async () => {
  const config = { origins: ["https://tools.example.com", "http://localhost:5173"] };
  expect(await outcome(config, { origin: "https://tools.example.com" })).toBe("open");
  expect(await outcome(config, { origin: "http://localhost:5173" })).toBe("open");
  expect(await outcome(config, { origin: "http://localhost:5174" })).toHaveProperty("code", NOT_ALLOWED);
  expect(await outcome(config, { origin: "https://tools.example.com.evil.example" })).toHaveProperty("code", NOT_ALLOWED);
  expect(await outcome(config, { origin: "null" })).toHaveProperty("code", NOT_ALLOWED);
});

it.each(["evil.example", "evil.example:4370", "127.0.0.1.evil.example", "localhost@evil.example", " "])(
  "refuses the Host %j, under which an attacker's page may have found it",
  async (host) => {
    const page = { origin: "http://localhost:5173", headers: { host } };
    expect(await outcome({}, page)).toEqual({ code: NOT_ALLOWED, reason: "the bridge does not go by this host name" });
  },
);

it("refuses a page that has the attacker's name as both origin and host", async () => {
  const page = { origin: "http://evil.example:4370", headers: { host: "evil.example:4370" } };
  expect(await outcome({}, page)).toHaveProperty("code", NOT_ALLOWED);
});

it.each(["localhost", "LOCALHOST:4370", "[::1]:4370", "127.0.0.1", "demo.localhost"])("goes by the Host %s", async (host) => {
  expect(await outcome({}, { headers: { host } })).toBe("open");
});

it("goes by a host name that it was given, and lets pages of that host in", async () => {
  const config = { hostNames: ["My-Laptop.lan"] };
  const headers = { host: "my-laptop.lan:4370" };
  expect(await outcome(config, { headers })).toBe("open");
  expect(await outcome(config, { headers, origin: "http://my-laptop.lan:5173" })).toBe("open");
  expect(await outcome(config, { headers, origin: "http://other.lan:5173" })).toHaveProperty("code", NOT_ALLOWED);
});

it.each(["/dist/other", "/dist/127.0.0.1:22", "/dist/app@127.0.0.1", "/dist/__proto__", "/dist/app/", "/dist/app%2f.."])(
  "knows no target at %s",
  async (path) => {
    expect(await outcome({}, { path })).toEqual({ code: 4404, reason: "the bridge knows no target of that name" });
  },
);

it.each(["/", "/dist", "/dist/", "/other/app", "/dist/%zz", "//dist/app"])("does not understand the path %s", async (path) => {
  expect(await outcome({}, { path })).toEqual({ code: 4400, reason: "the path must be /dist/<target>" });
});

it("finds a target by its percent-encoded id, whatever the query", async () => {
  const standIn = await startStandIn();
  const id = "app@127.0.0.1/ä";
  const { url, link } = await startBridge({ targets: { [id]: { node: "app@127.0.0.1", portNo: standIn.portNo } } });
  const path = `/dist/${encodeURIComponent(id)}?secret=1`;
  const [link1] = await Promise.all([link(), openPage(url, { path }), standIn.accept()]);
  expect(link1.asked.target).toBe(id);
});

it("echoes its subprotocol, and never a token", async () => {
  const standIn = await startStandIn();
  const { url, link, record } = await startBridge({ targets: { app: { node: "app@127.0.0.1", portNo: standIn.portNo } } });
  const token = `${TOKEN_PREFIX}c2VjcmV0`;
  const [page] = await Promise.all([openPage(url, { path: "/dist/app?c2VjcmV0", protocols: [token, SUBPROTOCOL] }), link()]);
  expect(page.socket.protocol).toBe(SUBPROTOCOL);
  page.socket.terminate();
  (await standIn.accept()).destroy();
  expect(JSON.stringify(await record())).not.toContain("c2VjcmV0");
});

it("refuses another version of itself", async () => {
  expect(await outcome({}, { protocols: [] })).toEqual({ code: 4400, reason: "the subprotocol erldist.v1 must be offered" });
});

it("records who was refused, and clips what they said", async () => {
  const { url, record } = await startBridge({ targets: { app: { node: "app@127.0.0.1" } } });
  const page = await openPage(url, { origin: "http://localhost:5173", path: `/dist/${"x".repeat(1000)}` });
  await page.closed;
  expect(await record()).toEqual({
    link: 1,
    ip: "127.0.0.1",
    origin: "http://localhost:5173",
    target: "x".repeat(255),
    node: undefined,
    by: "bridge",
    code: 4404,
    reason: "the bridge knows no target of that name",
    detail: undefined,
    toNodeBytes: 0,
    toPageBytes: 0,
    dialMs: undefined,
    durationMs: expect.any(Number),
  });
});

it.each<[string, BridgeConfig]>([
  ["targets: there is none", { targets: {} }],
  ['targets.app.node: "app" is not a full node name', { targets: { app: { node: "app" } } }],
  ["targets.app.portNo: 0 is not a port", { targets: { app: { node: "app@h", portNo: 0 } } }],
  ["targets.app.epmdPortNo: 70000 is not a port", { targets: { app: { node: "app@h", epmdPortNo: 70_000 } } }],
  ['targets[""]: "" is not a target\'s id: it has 1 to 255 characters', { targets: { "": { node: "app@h" } } }],
  ['host: "0.0.0.0" is not a loopback address', { targets: { app: { node: "app@h" } }, host: "0.0.0.0" }],
  ["portNo: 1.5 is not a port", { targets: { app: { node: "app@h" } }, portNo: 1.5 }],
  ["epmdPortNo: -1 is not a port", { targets: { app: { node: "app@h" } }, epmdPortNo: -1 }],
  ['origins[0]: "*" is not a page\'s origin', { targets: { app: { node: "app@h" } }, origins: ["*"] }],
  ['origins[0]: "null" is not a page\'s origin', { targets: { app: { node: "app@h" } }, origins: ["null"] }],
  ['origins[0]: "http://a/b" is not a page\'s origin', { targets: { app: { node: "app@h" } }, origins: ["http://a/b"] }],
  ["limits.dialTimeMs: 0 is not a positive integer", { targets: { app: { node: "app@h" } }, limits: { dialTimeMs: 0 } }],
])("says which field is wrong: %s", (message, config) => {
  expect(() => createBridge(config)).toThrow(message);
});

/** "open" if a page is let in; else what it is told. */
async function outcome(config: Omit<BridgeConfig, "targets">, options: PageOptions): Promise<unknown> {
  const standIn = await startStandIn();
  const { url, link } = await startBridge({ ...config, targets: { app: { node: "app@127.0.0.1", portNo: standIn.portNo } } });
  const page = await openPage(url, options);
  const opened = Promise.all([link(), standIn.accept()]).then(() => "open");
  return Promise.race([opened, page.closed]);
}
