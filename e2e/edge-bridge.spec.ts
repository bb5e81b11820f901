// The same in Chromium by way of the Worker alone: a page, workerd with the bridge's object, a real node.
import { expect, test } from "@playwright/test";
import { ACT_NAMES } from "../packages/core/test/scenario.ts";
import { COOKIE, newToken, startHarness } from "../packages/worker/test/support/harness.ts";
import { releases, startErl } from "../test/support/otp.ts";
import type { Ticket } from "./support/custody-page.ts";
import { play, received, serveCustodyPage } from "./support/custody-player.ts";
import type { PageServer } from "./support/page-server.ts";

let server: PageServer;
test.beforeAll(async () => {
  server = await serveCustodyPage();
});
test.afterAll(() => server[Symbol.asyncDispose]());

for (const release of releases()) {
  for (const level of ["custody", "gated"] as const) {
    test(`plays every act in Chromium through the Worker, level ${level}, with OTP ${release.otp}`, async ({ page }) => {
      await using erl = await startErl({ release, cookie: COOKIE });
      const { harness, url } = await startHarness({
        nodes: `${erl.name}=${erl.portNo}`,
        vars: {
          BRIDGE: JSON.stringify({ level, targets: { shop: erl.name }, origins: [new URL(server.url).origin] }),
        },
      });
      try {
        const mint = async (): Promise<Ticket> => {
          const response = await fetch(new URL("/ticket", url), {
            method: "POST",
            headers: { authorization: `Bearer ${await newToken()}`, "content-type": "application/json" },
            body: JSON.stringify({ target: "shop" }),
          });
          // Where the page has to know the cookie, somebody has told it.
          return { secret: COOKIE, ...((await response.json()) as Omit<Ticket, "secret">) };
        };
        const bytes = received(page);
        const ticketed = { at: server.url, bridgeUrl: url.href, peer: erl.name, ticket: await mint() };
        expect(ticketed.ticket.secret === COOKIE).toBe(level === "gated");
        expect(await play(page, ticketed)).toEqual(ACT_NAMES);
        await expect.poll(() => erl.eval("nodes(connected)")).toBe("[]");
        expect(bytes().length).toBeGreaterThan(1000);
        expect(bytes().includes(COOKIE)).toBe(false);
        await expect(play(page, ticketed)).rejects.toThrow(/the token was used before/);
        // A page of another origin.
        const stranger = { ...ticketed, at: server.url.replace("127.0.0.1", "localhost"), ticket: await mint() };
        await expect(play(page, stranger)).rejects.toThrow(/origin/);
      } finally {
        await harness.close();
      }
    });
  }
}
