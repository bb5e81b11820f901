// The shell of the console against a real node: as it is used, and what becomes of it when the node, the bridge or the page goes.
import { expect, type Locator, type Page, test } from "@playwright/test";
import { releases } from "../test/support/otp.ts";
import { type ConsoleBench, inspect, LOOK_NAMES, LOOKS, openConsole, startBench, watchPage } from "./support/console.ts";

let bench: ConsoleBench;
// A terminal is drawn without a graphics card here.
test.slow();

const ATTRIBUTES = { panel: "shell", panels: "shell messages", allow: "eval" };

/** Opens the page with a shell that waits for input. */
async function openShell(page: Page, attributes: Readonly<Record<string, string>> = {}): Promise<Locator> {
  await openConsole(page, bench, { ...ATTRIBUTES, ...attributes });
  const shell = page.locator("erl-shell");
  // The first time the page loads the terminal.
  await expect(shell.getByRole("status").filter({ hasText: "is running on" })).toBeVisible({ timeout: 30_000 });
  return shell;
}

function shown(shell: Locator): Promise<string> {
  return shell.evaluate((element) => (element as unknown as { text: string }).text);
}

async function expectShown(shell: Locator, text: string | RegExp, timeoutMs: number = 10_000): Promise<void> {
  await expect
    .poll(() => shown(shell), { timeout: timeoutMs })
    .toMatch(typeof text === "string" ? new RegExp(text.replace(/[[\](){}.*+?^$|\\]/g, "\\$&")) : text);
}

/** Processes of the node that belong to a shell of ours: groups, shells, what they evaluate. */
function shellProcesses(): Promise<string> {
  return bench.erl.eval(
    "[P || P <- processes(), {_, G} <- [process_info(P, group_leader)], node(G) =/= node() orelse {initial_call, {group, server, 3}} =:= process_info(G, initial_call)]",
  );
}

/** What a page without a graphics card has to say of its drawing is no error of ours. */
function watchShell(page: Page): () => string[] {
  const errors = watchPage(page);
  return () => errors.filter((error) => !/GPU stall|allotted deadline/.test(error));
}

for (const release of releases()) {
  test.describe(`with OTP ${release.otp}`, () => {
    test.beforeAll(async () => {
      bench = await startBench({ erl: { release } });
    });
    test.afterAll(() => bench.stop());

    test("is the node's own shell", async ({ page }, info) => {
      const errors = watchShell(page);
      const shell = await openShell(page);
      await shell.getByRole("textbox", { name: /^Shell/ }).focus();
      await page.keyboard.type("1+1.\n");
      await expectShown(shell, /^2$/m);
      await page.keyboard.type("[1,\n2].\n");
      await expectShown(shell, "[1,2]");
      await page.keyboard.type("lists:revers");
      await page.keyboard.press("Tab");
      await expectShown(shell, "lists:reverse(");
      await page.keyboard.type('"äλ").\n');
      await expectShown(shell, "[955,228]");
      await page.keyboard.press("ArrowUp");
      await page.keyboard.press("Enter");
      await expectShown(shell, /955,228\][^]*955,228\]/);
      await page.keyboard.type("timer:sleep(infinity).\n");
      await expectShown(shell, "sleep(infinity)");
      await page.keyboard.press("Control+c");
      await expectShown(shell, "exception exit: killed");
      for (const look of LOOK_NAMES) {
        await page.emulateMedia(LOOKS[look]);
        await inspect(page, info, `shell-${look}`);
      }
      expect(errors()).toEqual([]);
    });

    test("pastes several lines, finds, and clears", async ({ page, context }) => {
      await context.grantPermissions(["clipboard-read", "clipboard-write"]);
      const shell = await openShell(page);
      await shell.getByRole("textbox", { name: /^Shell/ }).focus();
      await page.evaluate(() => navigator.clipboard.writeText("A = 40.\nA +\t2.\n"));
      await page.keyboard.press("Control+Shift+v");
      await expectShown(shell, /^42$/m);
      await page.keyboard.press("Control+Shift+f");
      await page.getByLabel("Find", { exact: true }).fill("nowhere to be found");
      await page.keyboard.press("Enter");
      await expect(shell.getByText("Not found")).toBeVisible();
      await page.keyboard.press("Escape");
      await shell.getByRole("button", { name: "Clear" }).click();
      await expect.poll(() => shown(shell)).not.toMatch(/^42$/m);
    });

    test("copies what is selected, clears and is left with keys of its own, and Ctrl+C without a selection goes to the node", async ({
      page,
      context,
    }) => {
      await context.grantPermissions(["clipboard-read", "clipboard-write"]);
      const copied = (): Promise<string> => page.evaluate(() => navigator.clipboard.readText());
      const shell = await openShell(page);
      const terminal = shell.getByRole("textbox", { name: /^Shell/ });
      const screen = shell.locator(".xterm-screen");
      /** The first row, which a triple click selects. */
      const select = async (text: string): Promise<void> => {
        await terminal.focus();
        await page.keyboard.press("Control+Shift+k");
        await page.keyboard.type(text);
        await expectShown(shell, new RegExp(`${text}$`));
        await screen.click({ clickCount: 3, position: { x: 30, y: 8 } });
      };
      await select("first_word");
      await page.keyboard.press("Control+Shift+c");
      await expect.poll(copied).toMatch(/> first_word/);
      await select("_and_more");
      await page.keyboard.press("Control+c");
      await expect.poll(copied).toMatch(/> first_word_and_more/);
      // The selection has gone, so it interrupts: the line is taken back.
      await page.keyboard.press("Control+c");
      await expectShown(shell, "exception exit: killed");
      await page.keyboard.press("Control+Shift+k");
      await expect.poll(() => shown(shell)).not.toContain("exception");
      await page.keyboard.press("Control+g");
      await expect(shell.getByRole("tab", { name: "Shell 1" })).toBeFocused();
    });

    test("can be reached, used and left by keyboard alone, with several shells", async ({ page }) => {
      const shell = await openShell(page);
      const terminal = shell.getByRole("textbox", { name: /^Shell/ });
      await shell.getByRole("tab", { name: "Shell 1" }).focus();
      await page.keyboard.press("Tab");
      await expect(shell.getByRole("button", { name: "New shell" })).toBeFocused();
      await page.keyboard.press("Enter");
      await expect(shell.getByRole("tab", { name: "Shell 2" })).toHaveAttribute("aria-selected", "true");
      await expect(shell.getByRole("status").filter({ hasText: "Shell 2 is running" })).toBeVisible();
      await terminal.last().focus();
      await page.keyboard.type("second.\n");
      await expectShown(shell, /^second$/m);
      await page.keyboard.press("F6");
      await expect(shell.getByRole("tab", { name: "Shell 2" })).toBeFocused();
      await page.keyboard.press("ArrowLeft");
      await expect(shell.getByRole("tab", { name: "Shell 1" })).toBeFocused();
      expect(await shown(shell)).not.toMatch(/^second$/m);
      await shell.getByRole("button", { name: "Close" }).press("Enter");
      await expect(shell.getByRole("tab")).toHaveCount(1);
      await expectShown(shell, /^second$/m);
    });

    test("asks before a command stops the node", async ({ page }, info) => {
      const shell = await openShell(page);
      await shell.getByRole("textbox", { name: /^Shell/ }).focus();
      await page.keyboard.type("q().\n");
      await expect(shell.getByRole("dialog")).toContainText(`Stop ${bench.erl.name}?`);
      await inspect(page, info, "confirm");
      await shell.getByRole("button", { name: "Cancel" }).click();
      await expect(shell.getByRole("dialog")).toHaveCount(0);
      expect(await bench.erl.eval("alive")).toBe("alive");
    });

    test("is there line by line, for screen readers and small screens", async ({ page }, info) => {
      await page.setViewportSize({ width: 400, height: 800 });
      const errors = watchShell(page);
      const shell = await openShell(page);
      await shell.getByRole("button", { name: "Line by line" }).click();
      await expect(shell.getByRole("status").filter({ hasText: "is running on" })).toBeVisible();
      const field = shell.getByRole("textbox");
      await field.fill("lists:seq(1, 3).");
      await page.keyboard.press("Enter");
      await expect(shell.getByRole("log")).toContainText("[1,2,3]");
      await field.fill('io:get_line("name? ").');
      await page.keyboard.press("Enter");
      await expect(shell.getByText("name?", { exact: true })).toBeVisible();
      await field.fill("joe");
      await page.keyboard.press("Enter");
      await expect(shell.getByRole("log")).toContainText('"joe\\n"');
      await page.keyboard.press("ArrowUp");
      await expect(field).toHaveValue("joe");
      await field.fill("halt().");
      await page.keyboard.press("Enter");
      await shell.getByRole("button", { name: "Cancel" }).click();
      await field.fill("timer:sleep(infinity).");
      await page.keyboard.press("Enter");
      await shell.getByRole("button", { name: "Interrupt" }).click();
      await expect(shell.getByRole("log")).toContainText("exception exit: killed");
      for (const look of LOOK_NAMES) {
        await page.emulateMedia(LOOKS[look]);
        await inspect(page, info, `lines-${look}`);
      }
      expect(errors()).toEqual([]);
    });

    test("takes several lines, and those that were sent, line by line and by touch", async ({ browser }) => {
      const context = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
      const page = await context.newPage();
      const errors = watchShell(page);
      const shell = await openShell(page);
      await shell.getByRole("button", { name: "Line by line" }).tap();
      await expect(shell.getByRole("status").filter({ hasText: "is running on" })).toBeVisible();
      const field = shell.getByRole("textbox");
      const log = shell.getByRole("log");
      await field.tap();
      await page.keyboard.type("[alpha,");
      await page.keyboard.press("Shift+Enter");
      await page.keyboard.type("beta].");
      await expect(field).toHaveValue("[alpha,\nbeta].");
      await shell.getByRole("button", { name: "Send" }).tap();
      await expect(log).toContainText("[alpha,beta]");
      await expect(field).toHaveValue("");
      await field.fill("second.");
      await page.keyboard.press("Enter");
      await expect(log.getByText("second", { exact: true })).toBeVisible();
      await page.keyboard.press("ArrowUp");
      await expect(field).toHaveValue("second.");
      await page.keyboard.press("ArrowUp");
      await expect(field).toHaveValue("[alpha,\nbeta].");
      // Within its lines the arrows move the cursor.
      await page.keyboard.press("ArrowUp");
      await expect(field).toHaveValue("[alpha,\nbeta].");
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("ArrowDown");
      await expect(field).toHaveValue("second.");
      await page.keyboard.press("ArrowDown");
      await expect(field).toHaveValue("");
      await field.fill("lists:revers");
      await page.keyboard.press("Tab");
      await expect(field).toHaveValue("lists:reverse(");
      await field.fill("lists:key");
      await page.keyboard.press("Tab");
      await expect(log).toContainText("keysort");
      await field.fill("");
      await page.keyboard.press("Tab");
      await expect(field).not.toBeFocused();
      // Polite by its role, and not switched off.
      await expect(log).not.toHaveAttribute("aria-live", "off");
      await field.fill("init :\n  stop().");
      await shell.getByRole("button", { name: "Send" }).tap();
      await expect(shell.getByRole("dialog")).toContainText("init:stop() ends the whole node");
      await shell.getByRole("button", { name: "Cancel" }).tap();
      await expect(field).toHaveValue("init :\n  stop().");
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
      expect(errors()).toEqual([]);
      await context.close();
    });

    test("is not there where it is not allowed", async ({ page }, info) => {
      await openConsole(page, bench, { ...ATTRIBUTES, allow: "" });
      await expect(page.getByText("the page has to allow it")).toBeVisible();
      await openConsole(page, bench, { ...ATTRIBUTES, "read-only": "" });
      await expect(page.getByText("This console is read-only")).toBeVisible();
      await inspect(page, info, "not-allowed");
      expect(await shellProcesses()).toBe("[]");
    });

    test("starts a new shell below a rule when the bridge was away, and keeps what was shown", async ({ page }, info) => {
      const shell = await openShell(page);
      await shell.getByRole("textbox", { name: /^Shell/ }).focus();
      await page.keyboard.type("before.\n");
      await expectShown(shell, /^before$/m);
      await bench.bridge.stop();
      await expectShown(shell, "The connection was lost, and the shell with it.");
      await inspect(page, info, "lost");
      await bench.restartBridge();
      // The longer the bridge is away, the longer the page waits between two attempts.
      await expectShown(shell, `a new shell on ${bench.erl.name}`, 60_000);
      await expect(shell.getByRole("status").filter({ hasText: "is running on" })).toBeVisible();
      expect(await shown(shell)).toMatch(/^before$/m);
      await shell.getByRole("textbox", { name: /^Shell/ }).focus();
      await page.keyboard.type("later.\n");
      await expectShown(shell, /^later$/m);
      await inspect(page, info, "again");
    });

    test("leaves nothing on the node when the page goes", async ({ page }) => {
      const shell = await openShell(page);
      await shell.getByRole("textbox", { name: /^Shell/ }).focus();
      await page.keyboard.type("timer:sleep(infinity).\n");
      await expectShown(shell, "sleep(infinity)");
      expect(await shellProcesses()).not.toBe("[]");
      await page.goto("about:blank");
      await expect.poll(shellProcesses).toBe("[]");
    });

    test("shows again what it showed when the page has put it elsewhere for a while", async ({ page }) => {
      const shell = await openShell(page);
      await shell.getByRole("textbox", { name: /^Shell/ }).focus();
      await page.keyboard.type("kept.\n");
      await expectShown(shell, /^kept$/m);
      await shell.getByRole("button", { name: "Line by line" }).click();
      await expect(shell.getByRole("log")).toContainText("Eshell");
      await shell.getByRole("button", { name: "Line by line" }).click();
      await expectShown(shell, /^kept$[^]*a new shell on/m);
      await expect.poll(shellProcesses).not.toBe("[]");
    });

    test("says when the node has gone", async ({ page }) => {
      const own = await startBench({ erl: { release } });
      try {
        await page.goto(`${own.url}?${new URLSearchParams(ATTRIBUTES).toString()}`);
        const shell = page.locator("erl-shell");
        await expect(shell.getByRole("status").filter({ hasText: "is running on" })).toBeVisible();
        await own.erl.kill();
        await expectShown(shell, "The connection was lost, and the shell with it.");
        await expect(shell.getByRole("status").filter({ hasText: "without a connection" })).toBeVisible();
      } finally {
        await own.stop();
      }
    });
  });
}
