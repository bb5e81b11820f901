// Every panel of the console with real nodes of every release that is there: what it is there for, and when it has nothing to show.
// Then with one node, or its bridge, that goes and comes back.
import { expect, type Locator, type Page, test } from "@playwright/test";
import { type ErlNode, releases, startEpmd, startErl } from "../test/support/otp.ts";
import { type ConsoleBench, inspect, LOOKS, openConsole, startBench } from "./support/console.ts";
import { ALL, expectShell, expectTyped, PANEL_CASES, rowOf, tab } from "./support/panels.ts";
import { reconnectNow } from "./support/reconnect.ts";

test.slow();

for (const release of releases()) {
  test.describe(`with OTP ${release.otp}`, () => {
    const started = new AsyncDisposableStack();
    let bench: ConsoleBench;
    let second: ErlNode;

    test.beforeAll(async () => {
      const epmd = started.adopt(await startEpmd({ release }), (it) => it.stop());
      second = started.use(await startErl({ release, epmd }));
      const bridgeArgs = ({ name, portNo }: ErlNode): string[] => [
        `--dev=${name}:${portNo}`,
        `--dev=${second.name}:${second.portNo}`,
      ];
      bench = started.adopt(await startBench({ erl: { release, epmd }, bridgeArgs }), (it) => it.stop());
    });
    test.afterAll(() => started.disposeAsync());

    for (const panel of PANEL_CASES) {
      test(`${panel.title} does what it is there for`, async ({ page }) => {
        await openConsole(page, bench, { allow: ALL, panel: panel.id });
        await panel.happy(page, bench.erl);
      });

      test(`${panel.title} says that there is nothing`, async ({ page }) => {
        await openConsole(page, bench, { allow: ALL, panel: panel.id === "messages" ? "nodes" : "messages" });
        await panel.empty(page, bench.erl);
      });
    }

    test("Shell gives the expression to a larger field and takes it back, where the release has that", async ({ page }) => {
      await openConsole(page, bench, { allow: ALL, panel: "shell" });
      await expectShell(page, "Shell 1 is running");
      await page.getByRole("textbox", { name: /^Shell/ }).focus();
      await page.keyboard.type("lists:sum([20, 21]");
      await expectTyped(page, /20, 21\]/);
      await page.keyboard.press("Control+o");
      const dialog = page.getByRole("dialog", { name: "Edit the expression" });
      if (Number(release.otp) >= 26) {
        const field = dialog.getByRole("textbox", { name: "Expression" });
        await expect(field).toHaveValue(/^lists:sum\(\[20, 21\]/);
        await field.fill("lists:sum([20,\n  22]");
        await dialog.getByRole("button", { name: "Take over" }).click();
        await expectTyped(page, /22\]/);
      }
      await page.getByRole("textbox", { name: /^Shell/ }).focus();
      await page.keyboard.type(").\n");
      await expectTyped(page, Number(release.otp) >= 26 ? /^42$/m : /^41$/m);
      await expect(dialog).toHaveCount(0);
    });

    test("Nodes shows the cluster, and goes on to another node of it", async ({ page }) => {
      await openConsole(page, bench, { allow: ALL, panel: "nodes" });
      expect(await bench.erl.eval(`net_kernel:connect_node('${second.name}')`)).toBe("true");
      await expect(page.getByText(/^2 connected/)).toBeVisible();
      await rowOf(page, "Nodes", second.name).click();
      await page.getByRole("button", { name: "Connect to it instead" }).click();
      await expect(page.getByRole("status").filter({ hasText: `Connected to ${second.name} as ` })).toBeAttached();
      await expect(rowOf(page, "Nodes", bench.erl.name)).toBeVisible();
      expect(await bench.erl.eval(`erlang:disconnect_node('${second.name}')`)).toBe("true");
    });
  });
}

test.describe("with a node that dies, and a bridge that does", () => {
  const alive = "dying";
  let bench: ConsoleBench;
  test.beforeAll(async () => {
    bench = await startBench({ erl: { alive } });
  });
  test.afterAll(() => bench.stop());

  for (const panel of PANEL_CASES) {
    test(`${panel.title} keeps what it had when the node dies, and goes on with the next one`, async ({ page }, info) => {
      await openConsole(page, bench, { allow: ALL, panel: panel.id });
      await panel.happy(page, bench.erl);
      const { portNo } = bench.erl;
      await bench.erl.kill();
      await expect(page.getByText("Reconnecting")).toBeVisible();
      await panel.kept(page);
      await inspect(page, info, `${panel.id}-lost`);
      bench.erl = await startErl({ alive, portNo });
      await reconnectNow(page);
      await expectConnected(page);
      await expect(page.getByText("The node was restarted meanwhile")).toBeVisible();
      await expect(tab(page, panel.title)).toHaveAttribute("aria-selected", "true");
      await panel.back(page, bench.erl);
    });

    test(`${panel.title} keeps what it had when the bridge dies, and goes on when it is back`, async ({ page }) => {
      await openConsole(page, bench, { allow: ALL, panel: panel.id });
      await panel.happy(page, bench.erl);
      await bench.bridge.stop();
      await expect(page.locator("[data-code=bridge_unreachable]")).toBeVisible({ timeout: 20_000 });
      await panel.kept(page);
      await bench.restartBridge();
      await reconnectNow(page);
      await expectConnected(page);
      await expect(page.getByText("The node was restarted meanwhile")).toBeHidden();
      await panel.back(page, bench.erl);
    });
  }
});

async function expectConnected(page: Page): Promise<void> {
  await expect(page.getByText("Connected", { exact: true })).toBeVisible({ timeout: 30_000 });
}

test.describe("in a window as narrow as a phone's", () => {
  test.use({ viewport: { width: 390, height: 844 } });
  let bench: ConsoleBench;
  test.beforeAll(async () => {
    bench = await startBench();
  });
  test.afterAll(() => bench.stop());

  test("Logs says under its head that there is nothing, and gives a message a line of its own", async ({ page }) => {
    await openConsole(page, bench, { allow: ALL, panel: "logs" });
    const grid = await boxOf(page.getByRole("grid", { name: "Log" }));
    const note = await boxOf(page.getByText("Nothing was logged yet."));
    expect(note.y).toBeLessThan(grid.y + 120);
    await bench.erl.eval(`logger:error("a message that is too long to stand beside anything else in this window")`);
    const cells = rowOf(page, "Log", "a message").getByRole("gridcell");
    const time = await boxOf(cells.first());
    const message = await boxOf(cells.filter({ hasText: "a message" }));
    expect(message.y).toBeGreaterThanOrEqual(time.y + time.height);
    expect(message.width).toBeGreaterThan(0.85 * grid.width);
  });

  for (const panel of PANEL_CASES) {
    for (const look of ["light", "dark"] as const) {
      test(`${panel.title} fits into it, in ${look} colours`, async ({ page }, info) => {
        await page.emulateMedia({ ...LOOKS[look], reducedMotion: "reduce" });
        await openConsole(page, bench, { allow: ALL, panel: panel.id });
        await panel.happy(page, bench.erl);
        await inspect(page, info, `${panel.id}-narrow-${look}`);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
      });
    }
  }
});

async function boxOf(element: Locator): Promise<{ x: number; y: number; width: number; height: number }> {
  const box = await element.boundingBox();
  if (box === null) throw new Error("not shown");
  return box;
}
