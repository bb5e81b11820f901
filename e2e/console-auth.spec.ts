// `auth` of the console against a bridge that keeps the cookie to itself: the page has tickets, each good for one connection.
import { expect, type Page, test } from "@playwright/test";
import type { ErlConsole } from "../packages/web-demo/src/index.ts";
import { type ConsoleBench, startBench } from "./support/console.ts";
import { COOKIE, CustodyConfig, TARGET } from "./support/custody-bridge.ts";
import type { Ticket } from "./support/custody-page.ts";
import { reconnectNow } from "./support/reconnect.ts";

let bench: ConsoleBench;
let config: CustodyConfig;

test.beforeAll(async () => {
  config = new CustodyConfig();
  bench = await startBench({ erl: { cookie: COOKIE }, bridgeArgs: (erl, origin) => config.write(erl, origin) });
});
test.afterAll(async () => {
  await bench.stop();
  config[Symbol.dispose]();
});

/** Opens a page whose console knows no cookie and connects with what `auth` gives; gives what the page asked for. */
async function connectWith(page: Page, auth: () => Ticket): Promise<Ticket[]> {
  const given: Ticket[] = [];
  await page.exposeFunction("ticket", () => {
    const ticket = auth();
    given.push(ticket);
    return ticket;
  });
  const attributes = { target: TARGET, without: "cookie autoconnect" };
  await page.goto(`${bench.url}?${new URLSearchParams(attributes).toString()}`);
  await page.evaluate(async () => {
    await customElements.whenDefined("erl-console");
    const shop = document.querySelector<ErlConsole>("erl-console");
    if (shop === null) throw new Error("no console in the page");
    // What `exposeFunction` has put there.
    const { ticket } = window as unknown as { ticket: () => Promise<Ticket> };
    shop.auth = async () => ticket();
    void shop.connect();
  });
  return given;
}

const connected = (page: Page) => page.getByRole("status").filter({ hasText: `Connected to ${bench.erl.name} as ` });
const refused = (page: Page) => page.locator("[data-code=bridge_refused]");

test("connects with a ticket and without the cookie, and asks for another one to reconnect", async ({ page }) => {
  const bytes: Buffer[] = [];
  page.on("websocket", (socket) => socket.on("framereceived", ({ payload }) => bytes.push(Buffer.from(payload))));
  const given = await connectWith(page, () => config.mint());
  await expect(connected(page)).toBeAttached();
  expect(given).toHaveLength(1);
  expect(await bench.erl.eval("[erlang:disconnect_node(N) || N <- nodes(connected)]")).toBe("[true]");
  await reconnectNow(page);
  await expect.poll(() => given.length).toBe(2);
  await expect.poll(() => bench.erl.eval("length(nodes(connected))")).toBe("1");
  await expect(connected(page)).toBeAttached();
  expect(given[1]?.token).not.toBe(given[0]?.token);
  expect(Buffer.concat(bytes).includes(COOKIE)).toBe(false);
});

test("says in words why a ticket is not good", async ({ page }) => {
  const good = config.mint();
  let ticket = { ...good, token: "not.a.ticket" };
  await connectWith(page, () => ticket);
  await expect(refused(page)).toContainText("The bridge refused");
  await expect(refused(page)).toContainText("token");
  const again = (): Promise<void> => page.evaluate(() => document.querySelector<ErlConsole>("erl-console")?.connect());
  ticket = good;
  await again();
  await expect(connected(page)).toBeAttached();
  // The same one a second time.
  await again();
  await expect(refused(page)).toContainText("the token was used before");
  ticket = { ...config.mint(), secret: "anothersecret" };
  await again();
  await expect(page.locator("[data-code]")).toContainText(/cookie|secret/);
});

test("says in words that the page got no ticket", async ({ page }) => {
  await connectWith(page, () => {
    throw new Error("please sign in first");
  });
  await expect(refused(page)).toContainText("the page got no ticket: please sign in first");
});
