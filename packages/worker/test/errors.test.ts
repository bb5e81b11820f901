// What goes wrong on the way to a node, and who may not go there: statuses and words, from workerd.
import { createServer, type Server } from "node:http";
import { once } from "node:events";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type ErlNode, freePortNo, releases, startEpmd, startErl } from "../../../test/support/otp.ts";
import { COOKIE, newToken, NODE_NAME, startWorker, type TestWorker } from "./support/worker.ts";

const AUDIENCE = "the-audience-tag-of-the-application";

describe.each(releases())("with OTP $otp", { timeout: 120_000 }, (release) => {
  const started = new AsyncDisposableStack();
  let worker: TestWorker;
  let registered: ErlNode;
  let stranger: ErlNode;
  let access: Access;

  beforeAll(async () => {
    const epmd = await startEpmd();
    started.defer(() => epmd.stop());
    registered = started.use(await startErl({ release, epmd, cookie: COOKIE }));
    stranger = started.use(await startErl({ release, cookie: "another" }));
    access = started.use(await startAccess());
    worker = await startWorker({
      nodes: {
        [registered.name]: {},
        [stranger.name]: { portNo: stranger.portNo },
        "down@127.0.0.1": { portNo: await freePortNo() },
        "unknown@127.0.0.1": {},
        // epmd listens at 127.0.0.1 only.
        "app@127.0.0.2": {},
        "unbound@127.0.0.1": { binding: "NO_SUCH_BINDING" },
      },
      vars: { ERL_EPMD_PORT: String(epmd.portNo), ACCESS_TEAM: access.url, ACCESS_AUDIENCE: AUDIENCE },
    });
    started.defer(() => worker.stop());
  });
  afterAll(() => started.disposeAsync());
  beforeEach(({ onTestFailed }) => onTestFailed(() => worker.harness.debug()));

  it("finds a node by EPMD", async () => {
    expect(await worker.ask(`/ping?node=${registered.name}`)).toMatchObject({ status: 200, body: { ping: "pong" } });
  });

  it("tells a wrong cookie, an unknown node, a refused port and an unreachable EPMD apart", async () => {
    const cases = [
      { node: stranger.name, status: 502, code: "wrong_cookie", retryable: false, words: /cookie/ },
      { node: "unknown@127.0.0.1", status: 404, code: "no_such_node", retryable: false, words: /unknown/ },
      { node: "down@127.0.0.1", status: 502, code: "refused", retryable: false, words: /cannot connect/ },
      { node: "app@127.0.0.2", status: 502, code: "epmd_unreachable", retryable: false, words: /EPMD/ },
      { node: "unbound@127.0.0.1", status: 500, code: "bad_settings", retryable: false, words: /NO_SUCH_BINDING/ },
      { node: "other@127.0.0.1", status: 403, code: "node_not_allowed", retryable: false, words: /NODES does not name/ },
    ];
    for (const { node, status, words, ...error } of cases) {
      const message = expect.stringMatching(words) as string;
      expect(await worker.ask(`/ping?node=${node}`)).toMatchObject({ status, body: { error: { ...error, message } } });
    }
    // What could not be reached is nobody's to dial again.
    expect(
      await worker.harness
        .getWorker()
        .getDurableObjectStorage("ErlangNodeObject", { name: NODE_NAME })
        .then((storage) => storage.exec("SELECT peer FROM links")),
    ).toEqual([{ peer: registered.name }]);
  });

  it("dials no address in place of a name that it has", async () => {
    for (const node of [`${registered.name}.example.org`, `${registered.name}=80`, registered.name.toUpperCase()]) {
      expect(await worker.ask(`/ping?node=${encodeURIComponent(node)}`)).toMatchObject({ status: 403 });
    }
  });

  it("is called through Cloudflare Access", async () => {
    const ask = async (assertion: string) =>
      worker.ask("/nodes", { token: undefined, headers: { "cf-access-jwt-assertion": assertion } });
    expect(await ask(await access.assertion())).toMatchObject({ status: 200 });
    // The keys are known now, to another request as well.
    expect(await ask(await access.assertion())).toMatchObject({ status: 200 });
    for (const wrong of [{ audience: "another" }, { issuer: "https://example.org" }, { expires: "-1h" }, { kid: "unknown" }]) {
      expect(await ask(await access.assertion(wrong))).toMatchObject({ status: 401, body: { error: { code: "bad_token" } } });
    }
    expect(await ask(await newToken({ audience: AUDIENCE }))).toMatchObject({
      status: 401,
      body: { error: { code: "bad_token" } },
    });
  });
});

interface Access extends AsyncDisposable {
  readonly url: string;
  assertion(claims?: { audience?: string; issuer?: string; expires?: string; kid?: string }): Promise<string>;
}

/** Cloudflare Access, as far as a Worker sees of it: keys at an address, and assertions signed with them. */
async function startAccess(): Promise<Access> {
  const { publicKey, privateKey } = await generateKeyPair("RS256");
  const keys = { keys: [{ ...(await exportJWK(publicKey)), kid: "one", alg: "RS256" }] };
  const server: Server = createServer((request, response) => {
    response.writeHead(request.url === "/cdn-cgi/access/certs" ? 200 : 404, { "content-type": "application/json" });
    response.end(JSON.stringify(keys));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no TCP address");
  const url = `http://127.0.0.1:${address.port}`;
  return {
    url,
    assertion: ({ audience = AUDIENCE, issuer = url, expires = "1h", kid = "one" } = {}) =>
      new SignJWT({ email: "ann@example.org" })
        .setProtectedHeader({ alg: "RS256", kid })
        .setAudience(audience)
        .setIssuer(issuer)
        .setExpirationTime(expires)
        .sign(privateKey),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
