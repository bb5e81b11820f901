// The demo as a newcomer meets it: the program is started, the page opened, and the two talk, both ways.
import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { type Demo, startDemo } from "./support/demo.ts";

test.describe("with Erlang", () => {
  let demo: Demo;
  test.beforeAll(async () => {
    demo = await startDemo();
  });
  test.afterAll(async () => {
    expect(await demo.stop()).toBe(0);
  });

  test("says that the node is real", () => {
    expect(demo.greeting).toMatch(/a real one: app@127\.0\.0\.1, Erlang\/OTP \d+/);
  });

  test("the page connects, pings, and gets an answer from a registered process", async ({ page }, info) => {
    const errors = watchErrors(page);
    const name = await openConnected(page, demo.url);
    expect(name).toMatch(/@127\.0\.0\.1$/);
    // Its connection does not depend on what else the page does.
    expect(page.workers()).toHaveLength(1);
    await page.getByRole("button", { name: "Ping" }).click();
    await expect(page.getByText(/^\d+(\.\d)? ms$/)).toBeVisible();
    await send(page, "echo", "hello");
    await expect(page.getByText("{echo,hello}")).toBeVisible();
    await send(page, "counter", "increment");
    await expect(page.getByText(/^\{counter,\d+\}$/)).toBeVisible();
    await info.attach("connected", { body: await page.screenshot({ fullPage: true, path: info.outputPath("connected.png") }) });
    expect(errors).toEqual([]);
  });

  test("Erlang pings the page, sees it as a hidden node, and sends to its registered process", async ({ page }) => {
    const name = await openConnected(page, demo.url);
    expect(await demo.type(`net_adm:ping('${name}')`)).toBe("pong");
    expect(await demo.type("nodes(hidden)")).toContain(name);
    expect(await demo.type("nodes()")).toBe("[]");
    await demo.type(`{console, '${name}'} ! {hello, [from, <<"Erlang">>], 1.0, #{}}`);
    await expect(page.getByText('{hello,[from,<<"Erlang">>],1.0,#{}}')).toBeVisible();
  });

  test("a process on the node sends as long as the page listens", async ({ page }) => {
    await openConnected(page, demo.url);
    await send(page, "ticker", "subscribe");
    await expect(page.getByText(/^\{tick,2,/)).toBeVisible();
    await send(page, "ticker", "unsubscribe");
  });

  test("the node sees the page go", async ({ page }) => {
    const name = await openConnected(page, demo.url);
    await page.getByRole("button", { name: "Disconnect" }).click();
    await expect(page.getByText("Ready to connect to app@127.0.0.1.")).toBeVisible();
    await expect.poll(() => demo.type("nodes(hidden)")).not.toContain(name);
  });

  test("the whole way works by keyboard", async ({ page }) => {
    await openConnected(page, demo.url);
    // The panel is loaded once the connection is there.
    await expect(page.getByLabel("Registered name or pid")).toBeVisible();
    await page.keyboard.press("Tab");
    await expect(page.getByRole("button", { name: "Ping" })).toBeFocused();
    // Past the commands and the button that disconnects.
    for (let tabs = 0; tabs < 3; tabs++) await page.keyboard.press("Tab");
    await expect(page.getByRole("tab", { name: "Messages" })).toBeFocused();
    await page.keyboard.press("Tab");
    await expect(page.getByLabel("Registered name or pid")).toBeFocused();
    await page.keyboard.press("Tab");
    await expect(page.getByRole("textbox", { name: "Term" })).toBeFocused();
    await page.keyboard.type("by_keyboard");
    await page.keyboard.press("Enter");
    await expect(page.getByText("{echo,by_keyboard}")).toBeVisible();
    await expect(page.getByRole("textbox", { name: "Term" })).toBeFocused();
  });

  for (const colorScheme of ["light", "dark"] as const) {
    test(`axe finds nothing in the ${colorScheme} theme, connected, disconnected and failed`, async ({ page }, info) => {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      await openConnected(page, demo.url);
      await send(page, "echo", "hello");
      await expect(page.getByText("{echo,hello}")).toBeVisible();
      const check = async (state: string): Promise<void> => {
        const path = info.outputPath(`${state}-${colorScheme}.png`);
        await info.attach(state, { body: await page.screenshot({ fullPage: true, path }) });
        expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
      };
      await check("connected");
      await page.getByRole("button", { name: "Disconnect" }).click();
      await check("disconnected");
      await page.getByLabel("Cookie").fill("wrong");
      await page.getByRole("button", { name: "Connect" }).click();
      await expect(page.getByText("Wrong cookie")).toBeVisible();
      await check("failed");
    });
  }

  test("fits a narrow screen", async ({ page }, info) => {
    await page.setViewportSize({ width: 360, height: 800 });
    await openConnected(page, demo.url);
    await send(page, "echo", "hello");
    await expect(page.getByText("{echo,hello}")).toBeVisible();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    await info.attach("narrow", { body: await page.screenshot({ fullPage: true, path: info.outputPath("narrow.png") }) });
  });
});

test("without Erlang the core stands in for the node, and the demo says so", async ({ page }) => {
  const demo = await startDemo({ path: "" });
  try {
    expect(demo.greeting).toContain("There is no Erlang here");
    await openConnected(page, demo.url);
    await page.getByRole("button", { name: "Ping" }).click();
    await expect(page.getByText(/^\d+(\.\d)? ms$/)).toBeVisible();
    await send(page, "echo", "hello");
    await expect(page.getByText("{echo,hello}")).toBeVisible();
    await send(page, "ticker", "subscribe");
    await expect(page.getByText(/^\{tick,2,/)).toBeVisible();
  } finally {
    expect(await demo.stop()).toBe(0);
  }
});

/** Opens the page and waits for its connection; gives its node name. */
async function openConnected(page: Page, url: string): Promise<string> {
  await page.goto(url);
  const status = page.getByRole("status").filter({ hasText: "Connected to app@127.0.0.1 as " });
  await expect(status).toBeAttached();
  return / as (\S+)\.$/.exec((await status.textContent())?.trim() ?? "")?.[1] ?? "";
}

async function send(page: Page, to: string, term: string): Promise<void> {
  await page.getByLabel("Registered name").fill(to);
  await page.getByRole("textbox", { name: "Term" }).fill(term);
  await page.getByRole("button", { name: "Send" }).click();
}

function watchErrors(page: Page): string[] {
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") errors.push(message.text());
  });
  return errors;
}
