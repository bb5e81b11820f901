// Where a target's name may lead, and which of its addresses is taken.
import { expect, it } from "vitest";
import { freePortNo } from "../../../test/support/otp.ts";
import { tcpDial } from "../src/dial.ts";
import type { Target } from "../src/index.ts";
import { openPage, startBridge, startStandIn } from "./support/bridge.ts";

// On Linux all of 127.0.0.0/8 is this machine; where only 127.0.0.1 is, nothing listens at these either.
const DEAD = "127.0.0.2";
const ALIVE = "127.0.0.1";

it("[T13] tries the addresses of a host in turn, the first one being dead", async () => {
  const { closed, node } = await dialled({ node: "app@host.example" }, [DEAD, ALIVE]);
  expect(await Promise.race([closed, node])).toBe("reached");
});

it("tells the furthest that it came when all are dead, and the operator of each", async () => {
  const { closed, record } = await dialled({ node: "app@host.example" }, [DEAD, "127.0.0.3"]);
  expect(await closed).toMatchObject({ code: 4510 });
  expect((await record()).detail).toMatch(/127\.0\.0\.2:\d+ .*; .*127\.0\.0\.3:\d+ /);
});

it("dials nothing but the addresses that it has checked: the name is asked once", async () => {
  const answers = [[ALIVE], ["127.0.0.1", "10.0.0.1"]];
  let asked = 0;
  const resolve = async (): Promise<string[]> => answers[asked++] ?? [];
  const { closed, node } = await dialled({ node: "app@host.example", onlyAddresses: ["127.0.0.0/8"] }, resolve);
  expect(await Promise.race([closed, node])).toBe("reached");
  expect(asked).toBe(1);
});

it("passes over an address that the target may not have, and says so when no other is left", async () => {
  const target = { node: "app@host.example", neverAddresses: ["127.0.0.2", "10.0.0.0/8"] };
  const mixed = await dialled(target, [DEAD, ALIVE]);
  expect(await Promise.race([mixed.closed, mixed.node])).toBe("reached");
  const denied = await dialled(target, ["10.1.2.3", DEAD]);
  expect(await denied.closed).toEqual({ code: 4518, reason: "the node's host has no address that the bridge may dial" });
  expect((await denied.record()).detail).toContain("10.1.2.3, 127.0.0.2");
});

it("says that a host is unknown", async () => {
  const { closed, record } = await dialled({ node: "app@host.example" }, async () => {
    throw new Error("getaddrinfo ENOTFOUND host.example");
  });
  expect(await closed).toEqual({ code: 4513, reason: "the node's host is unknown" });
  expect((await record()).detail).toContain("ENOTFOUND");
});

it("lets a page name a node that fits a pattern", async () => {
  const pattern = { node: "app-*@*.example", onlyAddresses: ["127.0.0.1"] };
  const { page, closed, node, record } = await dialled(pattern, [ALIVE], "app-1@db_2.example");
  expect(await Promise.race([closed, node])).toBe("reached");
  page.socket.close(1000);
  expect(await record()).toMatchObject({ target: "app-1@db_2.example", node: "app-1@db_2.example" });
});

it("leads no pattern to the bridge's own machine, whatever DNS says", async () => {
  const { closed } = await dialled(
    { node: "app-*@*.example" },
    [ALIVE, "::ffff:127.0.0.1", "169.254.169.254"],
    "app-1@db.example",
  );
  expect(await closed).toMatchObject({ code: 4518 });
});

it.each([
  "app-@db.example",
  "app-1@db.x.example",
  "app-1@.example",
  "app-1@db.example.org",
  "xapp-1@db.example",
  "app-1@dbXexample",
  "app-*@*.example",
  "app-1@db.example\n",
])("does not take %j for a node of the pattern", async (id) => {
  const { closed } = await dialled({ node: "app-*@*.example" }, [ALIVE], id);
  expect(await closed).toMatchObject({ code: 4404 });
});

/** A page that asks for the target, or as `id`; the host's addresses are the given ones, and a stand-in listens at 127.0.0.1. */
async function dialled(target: Target, addresses: readonly string[] | (() => Promise<readonly string[]>), id = "app") {
  const standIn = await startStandIn();
  const resolve = typeof addresses === "function" ? addresses : async () => addresses;
  const { url, record } = await startBridge({
    targets: { app: { portNo: standIn.portNo, ...target } },
    dial: tcpDial({ epmdPortNo: await freePortNo(), timeoutMs: 1_000, resolve }),
  });
  const page = await openPage(url, { path: `/dist/${encodeURIComponent(id)}` });
  const node = standIn.accept().then((socket) => {
    socket.resume().on("end", () => socket.end());
    return "reached";
  });
  return { page, closed: page.closed, node, record };
}
