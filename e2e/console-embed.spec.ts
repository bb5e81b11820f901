// The console in pages of strangers: of another origin, under a policy, in small places, styled, moved about.
import { expect, type Page, test } from "@playwright/test";
import { type ConsoleBench, startBench, watchPage } from "./support/console.ts";
import { CODE_SERVER, ALL, expectShell, rowOf, tab } from "./support/panels.ts";
import { scriptOf, servePageWith, wayOf } from "./support/stranger.ts";

let bench: ConsoleBench;
test.beforeAll(async () => {
  bench = await startBench();
});
test.afterAll(() => bench.stop());

const TABS = ["Overview", "Processes", "Tree", "ETS", "Logs", "Messages", "Nodes", "Shell"] as const;

/** Waits until each console of the page is connected. */
const connected = (page: Page, count = 1): Promise<void> =>
  expect(page.getByText("Connected", { exact: true })).toHaveCount(count);

const setReadOnly = (page: Page, readOnly: boolean): Promise<unknown> =>
  page.locator("erl-console").evaluate((element, value) => Object.assign(element, { readOnly: value }) === element, readOnly);

test("works from its one file on another origin, in a page whose policy has a nonce for scripts and styles, and breaks it nowhere", async ({
  page,
}) => {
  test.slow();
  const problems = watchPage(page);
  await using stranger = await servePageWith(
    `${scriptOf(bench, 'nonce="abc"')}<erl-console ${wayOf(bench)} autoconnect csp-nonce="abc" allow="${ALL}"></erl-console>`,
    `default-src 'none'; script-src 'nonce-abc' 'strict-dynamic'; style-src 'nonce-abc'; connect-src ${new URL(bench.bridge.url).origin}; img-src data:`,
  );
  await page.goto(stranger.url);
  await connected(page);
  for (const title of TABS) {
    await tab(page, title).click();
    await expect(page.getByRole("tabpanel", { name: title, exact: true })).toBeVisible();
    if (title === "Processes") await rowOf(page, "Processes", CODE_SERVER).click();
  }
  await expectShell(page, "Shell 1 is running");
  await page.keyboard.press("Control+K");
  await expect(page.getByRole("combobox", { name: "Command" })).toBeFocused();
  // What the driver of the graphics card has to say is not the page's.
  expect(problems.filter((problem) => !problem.includes("GL Driver Message"))).toEqual([]);
});

test("is styled by the page around: its parts, those of its panels, its states, and its colours while it runs", async ({
  page,
}) => {
  await using stranger = await servePageWith(
    `<style>
      erl-console::part(toolbar) { outline: 3px solid rgb(1, 2, 3); }
      erl-console::part(row) { font-style: italic; }
      erl-console::part(detail) { outline: 3px solid rgb(1, 2, 3); }
      erl-console::part(chart) { outline: 3px solid rgb(1, 2, 3); }
      erl-console::part(terminal) { outline: 3px solid rgb(1, 2, 3); }
      erl-console:state(readonly) { opacity: 0.5; }
      erl-console:state(connected) { order: 7; }
    </style>${scriptOf(bench)}<erl-console ${wayOf(bench)} autoconnect panel="processes" allow="${ALL}"></erl-console>`,
  );
  await page.goto(stranger.url);
  await connected(page);
  await rowOf(page, "Processes", CODE_SERVER).click();
  const outlined = { outlineColor: "rgb(1, 2, 3)" };
  const has = async (part: string): Promise<void> => {
    for (const [name, value] of Object.entries(outlined))
      await expect(page.locator(`[part~="${part}"]:visible`).first()).toHaveCSS(name.replace("C", "-c"), value);
  };
  await has("toolbar");
  await has("detail");
  await expect(rowOf(page, "Processes", CODE_SERVER)).toHaveCSS("font-style", "italic");
  await expect(page.locator("erl-console")).toHaveCSS("order", "7");
  await expect(page.locator("erl-console")).toHaveCSS("opacity", "1");
  await setReadOnly(page, true);
  await expect(page.locator("erl-console")).toHaveCSS("opacity", "0.5");
  await setReadOnly(page, false);
  await expect(page.locator("erl-console")).toHaveCSS("opacity", "1");
  await tab(page, "Overview").click();
  await has("chart");
  await tab(page, "Shell").click();
  await expectShell(page, "Shell 1 is running");
  await has("terminal");
  // What is drawn and not styled follows too: the terminal has its background from a rule that xterm writes, or paints it.
  const drawn = (): Promise<string> =>
    page.locator("erl-shell .xterm-scrollable-element").evaluate((element) => getComputedStyle(element).backgroundColor);
  const before = await drawn();
  await page.evaluate(() => document.querySelector("erl-console")?.style.setProperty("--erl-surface", "rgb(10, 20, 30)"));
  await expect.poll(drawn).toBe("rgb(10, 20, 30)");
  expect(before).not.toBe("rgb(10, 20, 30)");
});

test("draws its charts anew in the colours that the page sets while it runs, also those set while nobody could see them", async ({
  page,
}) => {
  await using stranger = await servePageWith(
    `${scriptOf(bench)}<div id="place"><erl-console ${wayOf(bench)} autoconnect panel="overview"></erl-console></div>`,
  );
  await page.goto(stranger.url);
  await connected(page);
  await expect(page.getByRole("figure", { name: /^Memory: total [\d.]+ MB/ })).toBeVisible();
  /** Whether something of the chart of memory has this colour, as a canvas gives it. */
  const hasColour = (rgb: readonly number[]): Promise<boolean> =>
    page
      .getByRole("figure", { name: /^Memory:/ })
      .locator("canvas")
      .evaluate((canvas, [red, green, blue]) => {
        const { width, height } = canvas as HTMLCanvasElement;
        const data = (canvas as HTMLCanvasElement).getContext("2d")?.getImageData(0, 0, width, height).data ?? [];
        for (let at = 0; at < data.length; at += 4)
          if (data[at] === red && data[at + 1] === green && data[at + 2] === blue && data[at + 3] === 255) return true;
        return false;
      }, rgb);
  expect(await hasColour([0, 200, 100])).toBe(false);
  await page.evaluate(() => document.body.style.setProperty("--erl-chart-1", "rgb(0, 200, 100)"));
  await expect.poll(() => hasColour([0, 200, 100])).toBe(true);
  await page.evaluate(async () => {
    const place = document.querySelector<HTMLElement>("#place");
    if (place === null) throw new Error("the page has no place");
    const frame = (): Promise<number> => new Promise(requestAnimationFrame);
    place.style.display = "none";
    document.body.style.setProperty("--erl-chart-1", "rgb(100, 0, 200)");
    for (let times = 0; times < 2; times++) await frame();
    place.style.display = "";
  });
  await expect.poll(() => hasColour([100, 0, 200])).toBe(true);
});

test("has room in a dialog, in a sidebar, in another shadow tree, and where it is shown later than it is connected", async ({
  page,
}, info) => {
  await using stranger = await servePageWith(`${scriptOf(bench)}
    <dialog><erl-console id="in-dialog" ${wayOf(bench)} autoconnect panel="processes"></erl-console></dialog>
    <div id="later" style="display: none"><erl-console ${wayOf(bench)} autoconnect panel="overview"></erl-console></div>
    <div style="width: 300px"><erl-console id="narrow" ${wayOf(bench)} autoconnect panel="processes"></erl-console></div>
    <div id="host"></div>
    <script>
      host.attachShadow({ mode: "open" }).innerHTML = '<erl-console ${wayOf(bench)} autoconnect panel="nodes"></erl-console>';
    </script>`);
  await page.goto(stranger.url);
  await connected(page, 4);
  const names = (await bench.erl.eval("length(nodes(hidden))")).trim();
  expect(names).toBe("4");
  await page.evaluate(() => document.querySelector("dialog")?.showModal());
  const dialog = page.locator("#in-dialog");
  await expect(dialog.getByRole("row").filter({ hasText: CODE_SERVER })).toBeVisible();
  expect((await dialog.boundingBox())?.width).toBeGreaterThanOrEqual(320);
  await info.attach("dialog", { body: await page.screenshot({ path: info.outputPath("dialog.png") }), contentType: "image/png" });
  await page.evaluate(() => document.querySelector("dialog")?.close());
  await page.evaluate(() => document.querySelector("#later")?.removeAttribute("style"));
  await expect(page.locator("#later").getByRole("figure", { name: /^Memory: total [\d.]+ MB/ })).toBeVisible();
  await expect(page.locator("#later canvas").first()).toBeVisible();
  await expect(page.locator("#host").getByRole("row").filter({ hasText: "(this page)" }).first()).toBeVisible();
  const narrow = page.locator("#narrow");
  await expect(narrow.getByRole("row").filter({ hasText: CODE_SERVER })).toBeVisible();
  await expect(narrow.getByRole("combobox", { name: "Panel" })).toBeVisible();
  // Each of its buttons can be reached: nothing sticks out at the side, where it would be cut off.
  for (const button of await narrow.getByRole("button").all()) {
    const box = await button.boundingBox();
    if (box !== null) expect(box.x + box.width).toBeLessThanOrEqual(308);
  }
  await info.attach("places", {
    body: await page.screenshot({ path: info.outputPath("places.png"), fullPage: true }),
    contentType: "image/png",
  });
});

test("keeps its connection, its styles and those of panels to come when it is moved into the document of a frame", async ({
  page,
}) => {
  const problems = watchPage(page);
  await using stranger = await servePageWith(`${scriptOf(bench)}
    <erl-console ${wayOf(bench)} autoconnect panel="processes"></erl-console>
    <iframe title="Frame" src="/frame" style="width: 900px; height: 700px"></iframe>`);
  await page.goto(stranger.url);
  await connected(page);
  await expect(rowOf(page, "Processes", CODE_SERVER)).toBeVisible();
  const names = await bench.erl.eval("nodes(hidden)");
  await page.evaluate(() => {
    const { contentDocument } = document.querySelector("iframe") ?? {};
    const shop = document.querySelector("erl-console");
    if (contentDocument == null || shop === null) throw new Error("no frame, or no console");
    contentDocument.body.append(shop);
  });
  const frame = page.frameLocator("iframe");
  const grid = frame.getByRole("grid", { name: "Processes" });
  await expect(grid.getByRole("row").filter({ hasText: CODE_SERVER })).toBeVisible();
  await expect(grid.getByRole("row").first()).toHaveCSS("display", "grid");
  await expect(frame.locator(".console")).toHaveCSS("display", "flex");
  // Its element is made only now.
  await frame.getByRole("tab", { name: "Overview", exact: true }).click();
  await expect(frame.getByRole("figure", { name: /^Memory: total [\d.]+ MB/ })).toBeVisible();
  await expect(frame.locator("figcaption").first()).toHaveCSS("display", "flex");
  expect(await bench.erl.eval("nodes(hidden)")).toBe(names);
  await page.evaluate(() => {
    const shop = document.querySelector("iframe")?.contentDocument?.querySelector("erl-console");
    if (shop != null) document.body.append(shop);
  });
  await expect(page.locator("erl-console").locator(".console")).toHaveCSS("display", "flex");
  await page.evaluate(() => document.querySelector("erl-console")?.remove());
  await expect.poll(() => bench.erl.eval("nodes(hidden)")).toBe("[]");
  expect(problems).toEqual([]);
});

test("throws nothing at the page, whatever its functions give or throw: it says so, and tells it by erl-error", async ({
  page,
}) => {
  const problems = watchPage(page);
  await using stranger = await servePageWith(
    `${scriptOf(bench)}<erl-console ${wayOf(bench)} panel="processes"></erl-console>
    <script>
      window.told = [];
      document.addEventListener("erl-error", ({ detail: { failure } }) => told.push(failure.code + ": " + failure.detail));
    </script>`,
  );
  await page.goto(stranger.url);
  const status = page.getByRole("status").first();
  for (const [auth, why] of [
    ["() => { throw new Error('no session') }", "no session"],
    ["() => Promise.reject(5)", "5"],
    ["() => undefined", "auth gave neither a token nor { token, secret }"],
    ["() => ({ secret: 'alone' })", "auth gave neither"],
    ["() => ''", "auth gave neither"],
  ] as const) {
    await page.addScriptTag({
      content: `{ const shop = document.querySelector("erl-console"); shop.auth = ${auth}; shop.connect(); }`,
    });
    await expect(status).toContainText(`the page got no ticket: ${why}`);
    await expect.poll(() => page.evaluate(() => (Reflect.get(globalThis, "told") as string[]).at(-1))).toContain(why);
  }
  await page.addScriptTag({
    content: `{ const shop = document.querySelector("erl-console"); shop.auth = undefined; shop.connect(); }`,
  });
  await connected(page);
  await expect(rowOf(page, "Processes", CODE_SERVER)).toBeVisible();
  await page.addScriptTag({
    content: `document.querySelector("erl-console").processFilter = () => { throw new Error("the filter broke") };`,
  });
  await expect(page.getByText("the filter broke")).toBeVisible();
  await page.addScriptTag({ content: `document.querySelector("erl-console").processFilter = undefined;` });
  await expect(rowOf(page, "Processes", CODE_SERVER)).toBeVisible();
  const told = await page.evaluate(() => Reflect.get(globalThis, "told") as string[]);
  expect(told.filter((each) => each.startsWith("panel_failed"))).toEqual(["panel_failed: the filter broke"]);
  expect(problems).toEqual([]);
});
