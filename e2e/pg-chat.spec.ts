// The example examples/pg-chat-page: two tabs and a process of Erlang in one group of OTP's pg.
import { join } from "node:path";
import { expect, type Page, test } from "@playwright/test";
import { type ErlNode, releases, startErl } from "../test/support/otp.ts";
import { type BridgeCommand, startBridge } from "./support/bridge.ts";
import { buildPage, type PageServer, servePage } from "./support/page-server.ts";

let built: Awaited<ReturnType<typeof buildPage>>;
test.beforeAll(async () => {
  built = await buildPage({ root: join(import.meta.dirname, "../examples/pg-chat-page") });
});

for (const release of releases()) {
  test(`a tab joins a group of pg, with OTP ${release.otp}`, async ({ context }, info) => {
    await using stack = new AsyncDisposableStack();
    const erl = stack.use(await startErl({ release, args: ["-kernel", "start_pg", "true"] }));
    const bridge = await startBridge(["--port=0", `--dev=${erl.name}:${erl.portNo}`]);
    stack.defer(() => bridge.stop());
    const server = stack.use(await servePage(built));
    await erl.eval("pg:join(chat, self())");

    const ada = await context.newPage();
    await open(ada, server, bridge, erl, "Ada");
    await expect.poll(() => erl.eval("length(pg:get_members(chat))")).toBe("2");
    await expect(members(ada)).toHaveCount(2);
    const bob = await context.newPage();
    await open(bob, server, bridge, erl, "Bob");
    // Tabs are no neighbours: pg tells of the members of nodes that are connected.
    await expect.poll(() => erl.eval("length(pg:get_members(chat))")).toBe("3");
    await expect(members(bob)).toHaveCount(2);

    await ada.getByLabel("Line").fill("hello, föx");
    await ada.getByRole("button", { name: "Send" }).click();
    await expect(ada.getByRole("log")).toHaveText("Ada: hello, föx");
    expect(await erl.eval("receive {chat, Who, Line} -> {Who, Line} after 5000 -> none end")).toBe('{"Ada","hello, föx"}');
    await erl.eval(`[P ! {chat, "erl", "welcome"} || P <- pg:get_members(chat), P =/= self()]`);
    for (const page of [ada, bob]) await expect(page.getByRole("log")).toContainText("erl: welcome");
    await ada.screenshot({ path: info.outputPath("chat.png"), fullPage: true });

    // The node loses both: the tabs come back by themselves, as other nodes, and are in the group again.
    const lost = "[P || P <- pg:get_members(chat), node(P) =/= node()]";
    await erl.eval(`persistent_term:put(lost, ${lost}), [erlang:disconnect_node(node(P)) || P <- ${lost}]`);
    await expect.poll(() => erl.eval(`length(${lost} -- persistent_term:get(lost))`)).toBe("2");
    await expect(ada.getByRole("status")).toHaveText(/connected to/);
    await erl.eval(`[P ! {chat, "erl", "welcome back"} || P <- ${lost}]`);
    for (const page of [ada, bob]) await expect(page.getByRole("log")).toContainText("erl: welcome back");
    await bob.getByRole("button", { name: "Leave" }).click();
    await expect(bob.getByRole("status")).toHaveText("Bob has left.");
    await expect.poll(() => erl.eval("length(pg:get_members(chat))")).toBe("2");
    await ada.close();
    await expect.poll(() => erl.eval("pg:get_members(chat) =:= [self()]")).toBe("true");
  });
}

test("says in words why a tab cannot join", async ({ page }) => {
  await using server = await servePage(built);
  await page.goto(server.url);
  await page.getByLabel("Bridge").fill("ws://127.0.0.1:9");
  await page.getByLabel("Cookie").fill("secret");
  await page.getByLabel("Your name").fill("Ada");
  await page.getByRole("button", { name: "Join" }).click();
  await expect(page.getByRole("status")).toHaveText(/no bridge|bridge at/i);
  await expect(page.getByRole("button", { name: "Join" })).toBeVisible();
});

async function open(page: Page, server: PageServer, bridge: BridgeCommand, erl: ErlNode, who: string): Promise<void> {
  await page.goto(server.url);
  await page.getByLabel("Bridge").fill(bridge.url);
  await page.getByLabel("Node").fill(erl.name);
  await page.getByLabel("Cookie").fill(erl.cookie);
  await page.getByLabel("Your name").fill(who);
  await page.getByRole("button", { name: "Join" }).click();
  await expect(page.getByRole("status")).toHaveText(/^This page is \S+, connected to/);
  await expect(page.getByRole("button", { name: "Join" })).toBeHidden();
}

const members = (page: Page) => page.locator("#members li");
