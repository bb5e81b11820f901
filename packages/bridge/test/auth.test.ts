// Who is let in, and for how long, over real WebSockets; behind the bridge is a stand-in that hears what comes through.
import { once } from "node:events";
import { createServer, type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";
import { SUBPROTOCOL, TOKEN_PREFIX } from "@erl-dist/core/transports/bridge-protocol";
import { SignJWT } from "jose";
import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import type { BridgeConfig, TokenMemory } from "../src/index.ts";
import { mintTicket } from "../src/index.ts";
import { openPage, type PageOptions, startBridge, startStandIn, until } from "./support/bridge.ts";
import { KEY, ORIGIN } from "./support/guarded.ts";

const encode = (token: string): string => TOKEN_PREFIX + Buffer.from(token).toString("base64url");

async function start(config: Partial<BridgeConfig> = {}) {
  const standIn = await startStandIn();
  const targets = { app: { node: "app@127.0.0.1", portNo: standIn.portNo } };
  const running = await startBridge({
    dev: false,
    level: "gated",
    key: KEY,
    auth: { type: "jwt" },
    origins: [ORIGIN],
    hostNames: ["bridge.example"],
    targets,
    ...config,
    // The stand-in does not read, and so does not see an end.
    limits: { closeTimeMs: 50, ...config.limits },
  });
  // A link that did not come is still waited for.
  let coming: Promise<unknown> | undefined;
  const link = async (): Promise<"open"> => {
    coming ??= running.link();
    await coming;
    coming = undefined;
    return "open";
  };
  return {
    ...running,
    standIn,
    targets,
    /** "open", or what the page is told. */
    come: async (token: string | undefined, options: PageOptions = {}) => {
      const protocols = token === undefined ? [SUBPROTOCOL] : [encode(token), SUBPROTOCOL];
      const page = await openPage(running.url, { protocols, origin: ORIGIN, ...options });
      const outcome = await Promise.race([link(), page.closed]);
      return { page, outcome };
    },
    token: async (more?: Partial<Parameters<typeof mintTicket>[0]>) =>
      (await mintTicket({ key: KEY, subject: "ann", target: "app", ...more })).token,
  };
}

describe("[T20]", () => {
  it("lets a page in with a token, which it does not see again", async () => {
    const { come, token, record } = await start();
    const shown = await token();
    const { page, outcome } = await come(shown);
    expect(outcome).toBe("open");
    expect(page.socket.protocol).toBe(SUBPROTOCOL);
    page.socket.close(1000);
    expect(JSON.stringify(await record())).not.toContain(shown);
  });

  it("refuses a token that was used before", async () => {
    const { come, token } = await start();
    const once = await token();
    expect((await come(once)).outcome).toBe("open");
    expect((await come(once)).outcome).toEqual({ code: 4401, reason: "the token was used before" });
  });

  it("remembers used tokens where it is told to, and lets nobody in while that fails", async () => {
    const used = new Set<string>();
    let isDown = true;
    const spent: TokenMemory = {
      async spend(id) {
        if (isDown) throw new Error("the store is down");
        return used.size < used.add(id).size;
      },
    };
    const { come, token, record } = await start({ spent, limits: { linksPerSubject: 1, closeTimeMs: 50 } });
    const shown = await token();
    expect((await come(shown)).outcome).toEqual({
      code: 4500,
      reason: "the bridge cannot say whether the token was used before",
    });
    const noted = await record();
    expect(noted).toMatchObject({ code: 4500, subject: "ann", detail: expect.stringContaining("the store is down") });
    expect(JSON.stringify(noted)).not.toContain(shown);
    isDown = false;
    // Neither the one place of the subject was kept, nor the token's use.
    expect((await come(shown)).outcome).toBe("open");
    expect(used.size).toBe(1);
  });

  const words = "the token is missing, wrong or expired";
  it.each<[string, () => Promise<string | undefined>]>([
    ["no token", async () => undefined],
    ["a token of another key", async () => (await mintTicket({ key: `${KEY}x`, subject: "ann", target: "app" })).token],
    [
      "an expired token",
      async () => (await mintTicket({ key: KEY, subject: "ann", target: "app", now: Date.now() - 90_000 })).token,
    ],
    [
      "a token that never expires",
      () =>
        new SignJWT({ target: "app", sub: "a", jti: "1" })
          .setProtectedHeader({ alg: "HS256" })
          .sign(new TextEncoder().encode(KEY)),
    ],
    ["a token that is none", async () => "x".repeat(2000)],
  ])("refuses %s, and says the same to each", async (_, token) => {
    const { come, record } = await start();
    expect((await come(await token())).outcome).toEqual({ code: 4401, reason: words });
    expect(await record()).toMatchObject({ code: 4401, detail: expect.any(String), subject: undefined });
  });

  it("refuses a token for another target", async () => {
    const { come, token, record } = await start();
    expect((await come(await token({ target: "other" }))).outcome).toEqual({
      code: 4403,
      reason: "the token is not for this target",
    });
    expect(await record()).toMatchObject({ subject: "ann" });
  });

  it.each<[string, PageOptions]>([
    ["another origin", { origin: "https://shop.example.evil.example" }],
    ["the origin null", { origin: "null" }],
    ["a page of this machine, which is not listed", { origin: "http://localhost:5173" }],
    ["another Host", { headers: { host: "evil.example" } }],
    ["no Host that is a name", { headers: { host: " " } }],
  ])("refuses %s, whatever the token", async (_, options) => {
    const { come, token } = await start();
    expect((await come(await token(), options)).outcome).toMatchObject({ code: 4403 });
  });

  it("lets in who sends no origin, for that is no browser, but not without a token", async () => {
    const { come, token } = await start();
    const { origin: _, ...none } = { origin: ORIGIN };
    expect((await come(await token(), { ...none, origin: undefined as unknown as string })).outcome).toBe("open");
    expect((await come(undefined, { origin: undefined as unknown as string })).outcome).toMatchObject({ code: 4401 });
  });

  it("goes by its own name", async () => {
    const { come, token } = await start();
    expect((await come(await token(), { headers: { host: "Bridge.example:8443" } })).outcome).toBe("open");
  });
});

describe("[T16] takes exactly so many links", () => {
  it.each<[string, Partial<BridgeConfig>, number]>([
    ["in all", { limits: { links: 2 } }, 2],
    ["of one address", { limits: { linksPerIp: 3 } }, 3],
    ["of one subject", { limits: { linksPerSubject: 1 } }, 1],
  ])("%s, and another one when one has gone", async (_, config, most) => {
    const { come, token, record } = await start(config);
    const pages = [];
    for (let index = 0; index < most; index++) {
      const { page, outcome } = await come(await token());
      expect(outcome).toBe("open");
      pages.push(page);
    }
    expect((await come(await token())).outcome).toMatchObject({ code: 4429 });
    expect(await record()).toMatchObject({ code: 4429, detail: expect.stringMatching(`there are ${most} links`) });
    pages[0]?.socket.terminate();
    await record();
    expect((await come(await token())).outcome).toBe("open");
    expect((await come(await token())).outcome).toMatchObject({ code: 4429 });
  });

  it("to one target", async () => {
    const standIn = await startStandIn();
    const { come, token } = await start({
      targets: { app: { node: "app@h", host: "127.0.0.1", portNo: standIn.portNo, links: 1 } },
    });
    expect((await come(await token())).outcome).toBe("open");
    expect((await come(await token())).outcome).toMatchObject({ code: 4429 });
  });

  it("and openings of one address in a minute", async () => {
    const { come, token } = await start({ limits: { openingsPerMinute: 3 } });
    for (const expected of [{ code: 4401 }, { code: 4401 }]) expect((await come("x")).outcome).toMatchObject(expected);
    expect((await come(await token())).outcome).toBe("open");
    expect((await come(await token())).outcome).toMatchObject({ code: 4429 });
  });

  it("and as many again that are refused: from there on it answers by HTTP", async () => {
    const { url, bridge, come, token, standIn } = await start({ limits: { links: 1, closeTimeMs: 60_000 } });
    const { page } = await come(await token());
    const node = await standIn.accept();
    node.resume().once("end", () => node.end());
    // It does not answer the close frame, so the bridge has to wait for it.
    const refused = await openPage(url, { origin: ORIGIN });
    refused.socket.pause();
    expect(bridge.unready()).toBe("there are 1 links, and no more are taken");
    const third = new WebSocket(`${url}/dist/app`, [SUBPROTOCOL], { origin: ORIGIN });
    const [, answer] = (await once(third, "unexpected-response")) as [unknown, IncomingMessage];
    expect(answer.resume().statusCode).toBe(503);
    page.socket.terminate();
    refused.socket.terminate();
    await until(() => bridge.links.size === 0);
    expect(bridge.unready()).toBeUndefined();
  });

  it("and gives the places of those back that were no WebSocket after all", async () => {
    const { bridge, url, come, token } = await start({ limits: { links: 1 } });
    for (let index = 0; index < 3; index++) {
      const { hostname, port } = new URL(url);
      const headers = {
        connection: "Upgrade",
        upgrade: "websocket",
        origin: ORIGIN,
        // Nobody has spoken that since 2011.
        "sec-websocket-version": "7",
        "sec-websocket-protocol": `${SUBPROTOCOL}, ${encode(await token())}`,
      };
      const answer = await new Promise((resolve, reject) => {
        const asking = request({ hostname, port, path: "/dist/app", headers });
        asking.on("response", (response) => resolve(response.resume().statusCode)).on("error", reject);
        asking.end();
      });
      expect(answer).toBe(400);
    }
    expect(bridge.links.size).toBe(0);
    expect((await come(await token())).outcome).toBe("open");
  });
});

const CONFIG = {
  dev: false,
  level: "gated",
  key: KEY,
  auth: { type: "jwt" },
  origins: [ORIGIN],
  portNo: 0,
  limits: { closeTimeMs: 50 },
} as const;

describe("a link that is there", () => {
  it("ends when its time is over", async () => {
    const { come, token } = await start();
    const { page } = await come(await token({ session: 1 }));
    expect(await page.closed).toEqual({ code: 4410, reason: "the page's session has ended or was revoked" });
  });

  it("ends when its subject or its token is revoked, and others do not", async () => {
    const { bridge, come, token, record } = await start();
    const { page: ann } = await come(await token());
    const { page: bob } = await come(await token({ subject: "bob" }));
    bridge.revoke({ subjects: ["ann"] });
    expect(await ann.closed).toMatchObject({ code: 4410 });
    expect(await record()).toMatchObject({ subject: "ann", detail: "ann was revoked" });
    expect((await come(await token())).outcome).toMatchObject({ code: 4401 });
    expect(bob.socket.readyState).toBe(bob.socket.OPEN);
  });

  it("ends when the configuration has its target no more, or another node there", async () => {
    const { bridge, come, token, targets, standIn } = await start();
    const { page: first } = await come(await token());
    bridge.reconfigure({ ...CONFIG, targets: { app: { node: "other@127.0.0.1", portNo: standIn.portNo } } });
    expect(await first.closed).toMatchObject({ code: 4410 });
    const { page: second, outcome } = await come(await token());
    expect(outcome).toBe("open");
    bridge.reconfigure({ ...CONFIG, targets: { elsewhere: targets.app } });
    expect(await second.closed).toMatchObject({ code: 4410 });
    expect((await come(await token())).outcome).toMatchObject({ code: 4404 });
  });

  it("goes on when nothing of that has changed, and what is wrong changes nothing", async () => {
    const { bridge, come, token, targets } = await start();
    const { page } = await come(await token());
    bridge.reconfigure({ ...CONFIG, targets });
    expect(() => bridge.reconfigure({ ...CONFIG, targets: {} })).toThrow("targets: there is none");
    expect(() => bridge.reconfigure({ ...CONFIG, targets, host: "::1" })).toThrow("host: cannot change while the bridge runs");
    expect((await come(await token())).outcome).toBe("open");
    expect(page.socket.readyState).toBe(page.socket.OPEN);
  });
});

describe("asking the application by HTTP", () => {
  it("lets in whom it knows, and ends the link when it says no", async () => {
    let known = true;
    const asked: string[] = [];
    const application = createServer((asking: IncomingMessage, response) => {
      asking.on("data", (chunk: Buffer) => asked.push(chunk.toString()));
      asking.on("end", () => {
        response.writeHead(known ? 200 : 403, { "content-type": "application/json" });
        response.end(known ? JSON.stringify({ subject: "ann", targets: ["app"] }) : "");
      });
    });
    await once(application.listen(0, "127.0.0.1"), "listening");
    onTestFinished(() => void application.close());
    const url = `http://127.0.0.1:${(application.address() as AddressInfo).port}/may`;
    const { bridge, come, record } = await start({ auth: { type: "http", url }, limits: { recheckTimeMs: 50 } });
    const { page, outcome } = await come("session-7");
    expect(outcome).toBe("open");
    expect(JSON.parse(asked[0] ?? "")).toEqual({ token: "session-7", target: "app", ip: "127.0.0.1", origin: ORIGIN });
    known = false;
    expect(await page.closed).toMatchObject({ code: 4410 });
    expect(await record()).toMatchObject({ subject: "ann", detail: "the application said 403" });
    expect((await come("session-7")).outcome).toMatchObject({ code: 4401 });
    application.closeAllConnections();
    application.close();
    expect((await come("session-7")).outcome).toEqual({ code: 4500, reason: "the bridge cannot say who may connect" });
    expect(bridge.links.size).toBeLessThan(2);
  });
});

describe("a proxy that signs people in", () => {
  const auth = { type: "proxy", header: "X-Forwarded-User" } as const;

  it("is believed, and so is what it says of the page's address", async () => {
    const { come, record } = await start({ auth, trustProxy: ["127.0.0.0/8"] });
    const headers = { "x-forwarded-user": "ann", "x-forwarded-for": "203.0.113.7" };
    const { page, outcome } = await come(undefined, { headers });
    expect(outcome).toBe("open");
    page.socket.close();
    expect(await record()).toMatchObject({ subject: "ann", ip: "203.0.113.7" });
  });

  it("is believed at the listed addresses only", async () => {
    const { come, record } = await start({ auth, trustProxy: ["10.0.0.0/8"] });
    const headers = { "x-forwarded-user": "ann", "x-forwarded-for": "203.0.113.7" };
    expect((await come(undefined, { headers })).outcome).toMatchObject({ code: 4401 });
    expect(await record()).toMatchObject({ ip: "127.0.0.1", detail: "the request came by no trusted proxy" });
  });
});
