// The command as an operator has it: a file, signals, a monitor and a log.
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { type AddressInfo, connect as connectTcp, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { ErlangNode } from "@erl-dist/core";
import { bridge } from "@erl-dist/core/transports/websocket";
import { describe, expect, it, onTestFinished } from "vitest";
import { startErl } from "../../../test/support/otp.ts";
import { selfSigned } from "../../core/test/support/certificate.ts";
import { parseCommand } from "../src/arguments.ts";
import type { Ticket } from "../src/index.ts";
import { finished, serve, start } from "./support/command.ts";
import { visit } from "./support/guarded.ts";

const KEY = "only for tests, and long enough to be a key";
const COOKIE = "thecookiethatnopageeversees";
const PAYLOAD = "what is said is nobody's business";

/** A folder with these files, gone when the test ends. */
function folderOf(files: Readonly<Record<string, string>>): {
  readonly path: (name: string) => string;
  readonly put: (name: string, text: string) => void;
} {
  const folder = mkdtempSync(join(tmpdir(), "erl-bridge-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = (name: string): string => join(folder, name);
  const put = (name: string, text: string): void => writeFileSync(path(name), text);
  for (const [name, text] of Object.entries(files)) put(name, text);
  return { path, put };
}

const CONFIG = {
  key: { file: "bridge.key" },
  cookie: { env: "SHOP_COOKIE" },
  auth: { type: "jwt" },
  origins: ["https://shop.example"],
  targets: { shop: { node: "shop@127.0.0.1", portNo: 4001 } },
};

const filesOf = (config: object): Readonly<Record<string, string>> => ({
  "bridge.json": JSON.stringify(config),
  "bridge.key": `${KEY}\n`,
});

describe("a configuration file", () => {
  it("is checked, and printed without its secrets", async () => {
    const { path } = folderOf(filesOf(CONFIG));
    const env = { SHOP_COOKIE: COOKIE };
    const checked = await finished(start(["--config", path("bridge.json"), "--check"], env));
    expect(checked).toEqual({
      status: 0,
      stderr: "",
      stdout: "The configuration is good: level custody, /dist/shop is shop@127.0.0.1.\n",
    });
    const printed = await finished(start(["--config", path("bridge.json"), "--print-config", "--port", "0"], env));
    expect(JSON.parse(printed.stdout)).toEqual({
      key: "(secret)",
      cookie: "(secret)",
      auth: { type: "jwt" },
      origins: ["https://shop.example"],
      portNo: 0,
      targets: { shop: { node: "shop@127.0.0.1", portNo: 4001 } },
    });
    for (const secret of [KEY, COOKIE]) expect(printed.stdout).not.toContain(secret);
  });

  it.each<[string, object | string, string]>([
    ["no JSON", "{", "bridge.json: Expected property name or '}' in JSON at position 1 (line 1 column 2)"],
    ["no object", "[]", "bridge.json: it holds no JSON object"],
    [
      "a secret's file that is not there",
      { ...CONFIG, key: { file: "other.key" } },
      "key: cannot read FOLDER/other.key: there is no such file",
    ],
    ["a variable that is not there", { ...CONFIG, cookie: { env: "NOBODY" } }, "cookie: the environment has no NOBODY"],
    [
      "a target's field that is none",
      { ...CONFIG, targets: { shop: { node: "a@b", port: 1 } } },
      "targets.shop.port: there is no such field; there are node, host,",
    ],
    ["no node", { ...CONFIG, targets: { shop: {} } }, "targets.shop.node: is missing"],
    ["a port that is none", { ...CONFIG, portNo: "80" }, 'portNo: "80" is not a port from 0 to 65535'],
    ["a limit that is none", { ...CONFIG, limits: { links: 0 } }, "limits.links: 0 is not a positive integer"],
    [
      "a verifier that is none",
      { ...CONFIG, auth: { type: "ldap" } },
      'auth.type: "ldap" is not one of "jwt", "static", "http", "proxy"',
    ],
    [
      "names that are none",
      { ...CONFIG, targets: { shop: { node: "a@b", names: { type: "pool", names: ["x"] } } } },
      'targets.shop.names.names[0]: "x" is not a full node name',
    ],
    ["no origins", { ...CONFIG, origins: [] }, "origins: is missing: whose pages may connect"],
    ["nobody who may", { ...CONFIG, auth: undefined }, "auth: is missing: who may connect"],
    ["no cookie", { ...CONFIG, cookie: undefined }, "targets.shop.cookie: is missing, and there is no cookie for all targets"],
    ["no key", { ...CONFIG, key: undefined }, "key: is missing: the secrets of sessions are made from it"],
    ["a key that is too short", { ...CONFIG, key: "short" }, "key: has 5 bytes, and less than 32 can be guessed"],
    [
      "all addresses, and no TLS",
      { ...CONFIG, host: "0.0.0.0" },
      'host: "0.0.0.0" is not a loopback address, so it needs tls, or trustProxy',
    ],
    [
      "a certificate that is none",
      { ...CONFIG, host: "0.0.0.0", tls: { cert: "x.crt", key: "y" }, hostNames: ["a"] },
      'tls.cert: is no PEM text; { "file": "NAME" } stands for what a file holds',
    ],
    ["a certificate that is broken", { ...CONFIG, tls: { cert: "-----BEGIN X", key: "-----BEGIN Y" } }, "tls: "],
    [
      "an authority that is none",
      { ...CONFIG, targets: { shop: { node: "a@b", tls: { ca: "ca.pem" } } } },
      "targets.shop.tls.ca: is no PEM text",
    ],
    [
      "addresses that are none",
      { ...CONFIG, targets: { shop: { node: "a@b", onlyAddresses: ["here"] } } },
      'targets.shop.onlyAddresses: "here" is not a range of addresses',
    ],
    ["targets that are none", { ...CONFIG, targets: "shop" }, 'targets: "shop" is no object of targets by their ids'],
    ["no targets", { ...CONFIG, targets: {} }, "targets: there is none, so nobody could connect"],
    ["a word in place of an object", { ...CONFIG, auth: "jwt" }, 'auth: "jwt" is no object with a "type": "jwt", "static",'],
    ["a list in place of an object", { ...CONFIG, revoked: ["ann"] }, 'revoked: ["ann"] is no object'],
    [
      "a proxy that is none",
      { ...CONFIG, trustProxy: ["10.0.0.0/33"] },
      'trustProxy: "10.0.0.0/33" is not an address or a range',
    ],
    [
      "a level that is for development",
      { ...CONFIG, level: "blind" },
      'level: "blind" lets strangers reach the node, so it is for dev only',
    ],
  ])("with %s is told in one line, and names the field", (_, config, message) => {
    const { path } = folderOf({ ...filesOf({}), "bridge.json": typeof config === "string" ? config : JSON.stringify(config) });
    const command = parseCommand(["--config", path("bridge.json")], { SHOP_COOKIE: COOKIE });
    if (command.command !== "wrong") throw new Error("it was taken");
    const folder = path("").replace(/\/$/, "");
    const said = command.message.replaceAll(`${folder}/bridge.json`, "bridge.json").replaceAll(folder, "FOLDER");
    expect(said.startsWith(message) ? message : said).toBe(message);
    expect(said).not.toContain("\n");
    for (const secret of [KEY, COOKIE]) expect(said).not.toContain(secret);
  });

  it.each<[string, object, string]>([
    ["a field that is none", { ...CONFIG, tagets: {} }, "tagets: there is no such field; there are dev, level,"],
    [
      "a public key that is none",
      { ...CONFIG, auth: { type: "jwt", algorithm: "EdDSA", key: "x" } },
      "auth.key: an Ed25519 public key is expected, as PEM or JWK",
    ],
  ])("with %s ends the command with code 2", async (_, config, message) => {
    const { path } = folderOf(filesOf(config));
    const { status, stdout, stderr } = await finished(start(["--config", path("bridge.json")], { SHOP_COOKIE: COOKIE }));
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(/^erl-bridge: [^\n]+\n$/);
    expect(stderr).toContain(message);
  });
});

describe.each(["custody", "gated"])("under %s", (level) => {
  it("mints a ticket with which a node of ours gets through, and its log has a line for each link and gives nothing away", async () => {
    await using erl = await startErl({ cookie: COOKIE });
    const wire = await tap(erl.portNo);
    const targets = { shop: { node: erl.name, portNo: wire.portNo } };
    const { path } = folderOf(filesOf({ ...CONFIG, level, targets }));
    const env = { SHOP_COOKIE: COOKIE };
    const { child, url, lines, errors } = await serve(["--config", path("bridge.json")], env);
    const mint = async (): Promise<Ticket> => {
      const minted = await finished(
        start(["mint", "--config", path("bridge.json"), "--target", "shop", "--subject", "ann"], env),
      );
      expect(minted).toMatchObject({ status: 0, stderr: "" });
      return JSON.parse(minted.stdout) as Ticket;
    };
    const { token, secret } = await mint();
    // Under "gated" a page knows the cookie, and its ticket's secret is good for nothing.
    const ticket = { token, secret: level === "custody" ? secret : COOKIE };
    const page = await visit({ url, ticket: async () => ticket });
    expect(await page.node.ping(erl.name)).toBe(true);
    expect(await page.node.erpc(erl.name, "erlang", "byte_size", [Buffer.from(PAYLOAD)])).toBe(PAYLOAD.length);
    await page.node.stop();
    expect(wire.toNode().includes(PAYLOAD)).toBe(true);
    const record = await lines.next();
    expect(record).toMatchObject({
      event: "linkclose",
      subject: "ann",
      target: "shop",
      node: erl.name,
      name: expect.stringMatching(/@web$/),
      by: "page",
      code: 1000,
      toNodeBytes: expect.any(Number),
      toPageBytes: expect.any(Number),
      dialMs: expect.any(Number),
      handshakeMs: expect.any(Number),
      durationMs: expect.any(Number),
    });
    // A second time it is refused, and that is a line as well.
    const again = await visit({ url, ticket: async () => ticket });
    await expect(again.node.connect(erl.name)).rejects.toMatchObject({ code: "bridge_refused", message: /was used before/ });
    const refused = await lines.next();
    expect(refused).toMatchObject({ event: "linkclose", code: 4401, subject: "ann" });
    // So is whoever has a ticket and another secret.
    const other = { token: (await mint()).token, secret: "a guess that leads nowhere" };
    const guesser = await visit({ url, ticket: async () => other });
    await expect(guesser.node.connect(erl.name)).rejects.toMatchObject({
      code: level === "custody" ? "bridge_refused" : "wrong_cookie",
    });
    const guessed = await lines.next();
    expect(guessed).toMatchObject({ event: "linkclose", code: level === "custody" ? 4407 : 4501, subject: "ann" });
    child.kill("SIGTERM");
    expect(await lines.next()).toMatchObject({ event: "closed" });
    await once(child, "exit");

    const log = JSON.stringify([record, refused, guessed]) + errors();
    const tokens = [token, other.token].flatMap((each) => [each, ...each.split("."), Buffer.from(each).toString("base64url")]);
    const digests = [
      ...digestsOf({ toNode: wire.toNode(), toPage: wire.toPage() }),
      ...digestsOf({ toNode: Buffer.concat(page.said), toPage: page.seen() }),
      ...digestsOf({ toNode: Buffer.concat(guesser.said), toPage: Buffer.alloc(0) }),
    ];
    // Each side's two; and the guesser's one, which under "gated" the node sees as well.
    expect(new Set(digests).size).toBe((level === "custody" ? 5 : 3) * 6);
    for (const each of [...tokens, secret, other.secret, COOKIE, KEY, PAYLOAD, ...digests]) expect(log).not.toContain(each);
  });
});

interface Tap {
  readonly portNo: number;
  /** What has gone through to the node, and back. */
  readonly toNode: () => Buffer;
  readonly toPage: () => Buffer;
}

/** Passes connections on to a port of this machine, and keeps what goes through. */
async function tap(portNo: number): Promise<Tap> {
  const chunks: { readonly toNode: Buffer[]; readonly toPage: Buffer[] } = { toNode: [], toPage: [] };
  const server = createServer((near) => {
    const far = connectTcp(portNo, "127.0.0.1");
    for (const socket of [near, far]) socket.on("error", () => undefined);
    near.on("data", (chunk: Buffer) => chunks.toNode.push(chunk)).pipe(far);
    far.on("data", (chunk: Buffer) => chunks.toPage.push(chunk)).pipe(near);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  onTestFinished(() => void server.close());
  return {
    portNo: (server.address() as AddressInfo).port,
    toNode: () => Buffer.concat(chunks.toNode),
    toPage: () => Buffer.concat(chunks.toPage),
  };
}

/** The digests of send_challenge_reply ("r") and send_challenge_ack ("a"), as a log might write them: six texts for each. */
function digestsOf({ toNode, toPage }: { readonly toNode: Buffer; readonly toPage: Buffer }): string[] {
  const found = [...behind("\x00\x15r", toNode, 4), ...behind("\x00\x11a", toPage, 0)];
  return found.flatMap((digest) => [
    ...(["hex", "base64", "base64url"] as const).map((encoding) => digest.toString(encoding)),
    // As JSON has such a text, and a Buffer or an array.
    JSON.stringify(digest.toString("latin1")).slice(1, -1),
    JSON.stringify(digest.toString()).slice(1, -1),
    digest.join(","),
  ]);
}

/** The 16 bytes that come so far behind each of these. */
function behind(head: string, bytes: Buffer, distance: number): Buffer[] {
  const found: Buffer[] = [];
  for (let at = bytes.indexOf(head, 0, "latin1"); at !== -1; at = bytes.indexOf(head, at + 1, "latin1")) {
    found.push(bytes.subarray(at + head.length + distance, at + head.length + distance + 16));
  }
  return found;
}

it("reads its configuration again at SIGHUP, and keeps the old one where the new one is wrong", async () => {
  const { path, put } = folderOf(filesOf(CONFIG));
  const { child, lines, errors } = await serve(["--config", path("bridge.json")], { SHOP_COOKIE: COOKIE });
  put("bridge.json", JSON.stringify({ ...CONFIG, origins: ["*"] }));
  child.kill("SIGHUP");
  expect(await lines.next()).toMatchObject({
    event: "reloadfailed",
    reason: 'origins[0]: "*" is not a page\'s origin, as "http://localhost:5173" is',
  });
  put("bridge.json", JSON.stringify({ ...CONFIG, portNo: 1 }));
  child.kill("SIGHUP");
  // The command line goes before the file.
  expect(await lines.next()).toMatchObject({ event: "reloaded" });
  put("bridge.json", JSON.stringify({ ...CONFIG, host: "::1" }));
  child.kill("SIGHUP");
  expect(await lines.next()).toMatchObject({ event: "reloadfailed", reason: "host: cannot change while the bridge runs" });
  await expect.poll(errors).toContain("the configuration stays as it was: origins[0]");
});

it("ends at SIGHUP the links of a static token that the file has no more, and no others", async () => {
  await using erl = await startErl({ cookie: COOKIE });
  const ann = { token: "the token of ann", subject: "ann" };
  const bob = { token: "the token of bob", subject: "bob" };
  const config = { ...CONFIG, level: "gated", targets: { shop: { node: erl.name, portNo: erl.portNo } } };
  const configOf = (tokens: readonly object[]): string => JSON.stringify({ ...config, auth: { type: "static", tokens } });
  const { path, put } = folderOf({ ...filesOf({}), "bridge.json": configOf([ann, bob]) });
  const { child, url, lines } = await serve(["--config", path("bridge.json")], { SHOP_COOKIE: COOKIE });
  const visitor = async ({ token }: typeof ann): Promise<ErlangNode> => {
    const node = await ErlangNode.start({ cookie: COOKIE, connect: bridge(url, { target: "shop", token }) });
    onTestFinished(() => node.stop());
    return node;
  };
  const [anns, bobs] = [await visitor(ann), await visitor(bob)];
  for (const node of [anns, bobs]) expect(await node.ping(erl.name)).toBe(true);
  const down = once(anns, "nodedown");
  put("bridge.json", configOf([bob]));
  child.kill("SIGHUP");
  const said = [await lines.next(), await lines.next()];
  expect(said).toContainEqual(expect.objectContaining({ event: "reloaded" }));
  expect(said).toContainEqual(
    expect.objectContaining({
      event: "linkclose",
      subject: "ann",
      by: "bridge",
      code: 4410,
      detail: "the token is none of the configuration's",
    }),
  );
  await down;
  await expect(anns.connect(erl.name)).rejects.toMatchObject({ code: "bridge_refused" });
  expect(bobs.nodes()).toEqual([erl.name]);
  expect(await bobs.ping(erl.name)).toBe(true);
});

it("speaks TLS, and with another certificate after SIGHUP", async () => {
  const first = selfSigned();
  const second = selfSigned();
  const tls = { cert: { file: "tls.crt" }, key: { file: "tls.key" } };
  const { path, put } = folderOf({ ...filesOf({ ...CONFIG, tls }), "tls.crt": first.cert, "tls.key": first.key });
  const { child, url, lines } = await serve(["--config", path("bridge.json")], { SHOP_COOKIE: COOKIE });
  expect(url).toMatch(/^wss:/);
  const shown = async (ca: string): Promise<string> => {
    const socket = connectTls({ host: "127.0.0.1", port: Number(new URL(url).port), ca });
    await once(socket, "secureConnect");
    const { fingerprint256 } = socket.getPeerCertificate();
    socket.destroy();
    return fingerprint256;
  };
  const before = await shown(first.cert);
  put("tls.crt", second.cert);
  put("tls.key", first.key);
  child.kill("SIGHUP");
  expect(await lines.next()).toMatchObject({ event: "reloadfailed", reason: expect.stringMatching(/^tls: /) });
  expect(await shown(first.cert)).toBe(before);
  put("tls.key", second.key);
  child.kill("SIGHUP");
  expect(await lines.next()).toMatchObject({ event: "reloaded" });
  expect(await shown(second.cert)).not.toBe(before);
});

it("tells its monitor what it does, on an address of its own", async () => {
  await using erl = await startErl();
  const { url, line, child, lines } = await serve(["--dev", `${erl.name}:${erl.portNo}`, "--monitor-port", "0"]);
  const { monitor } = line as { monitor: string };
  expect(new URL(monitor).port).not.toBe(new URL(url).port);
  expect(await fetched(`${monitor}/healthz`)).toEqual([200, "ok\n"]);
  expect(await fetched(`${monitor}/readyz`)).toEqual([200, "ready\n"]);
  expect(await fetched(`${monitor}/other`)).toEqual([404, "there are /metrics, /healthz and /readyz\n"]);
  expect(await fetched(`${monitor}/metrics`, { host: "evil.example" })).toEqual([421, "not known by this host name\n"]);
  expect(await fetched(url.replace("ws:", "http:"), { host: "evil.example" })).toEqual([
    421,
    "The bridge does not go by this host name.\n",
  ]);
  const node = await ErlangNode.start({ name: "page@browser", cookie: erl.cookie, connect: bridge(url) });
  onTestFinished(() => node.stop());
  expect(await node.ping(erl.name)).toBe(true);
  const [, during] = await fetched(`${monitor}/metrics`);
  expect(during).toMatch(/^erl_bridge_links 1$/m);
  expect(Number(/^erl_bridge_bytes_total\{direction="to_node"\} (\d+)$/m.exec(during)?.[1])).toBeGreaterThan(50);
  await node.stop();
  await lines.next();
  const [, after] = await fetched(`${monitor}/metrics`);
  expect(after).toMatch(/^erl_bridge_links 0$/m);
  expect(after).toMatch(/^erl_bridge_links_ended_total\{by="page",code="1000"\} 1$/m);
  expect(after).toMatch(/^erl_bridge_dial_seconds_count 1$/m);
  // As Prometheus reads it: a name, labels, a number.
  for (const each of after.trimEnd().split("\n"))
    expect(each).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{\w+="[^"]*"(,\w+="[^"]*")*\})? [\d.e+-]+)$/);
  child.kill("SIGTERM");
  expect(await lines.next()).toMatchObject({ event: "closed" });
  expect(await once(child, "exit")).toEqual([0, null]);
});

/** fetch() does not let a Host header be set. */
function fetched(url: string, headers: Readonly<Record<string, string>> = {}): Promise<[number | undefined, string]> {
  return new Promise((resolve, reject) => {
    get(url, { headers, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => resolve([response.statusCode, text]));
    }).on("error", reject);
  });
}
