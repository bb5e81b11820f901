import { ErlangNode } from "@erl-dist/core";
import { type Ticket, withTickets } from "@erl-dist/core/transports/websocket";
import { expect, it, onTestFinished } from "vitest";
import { startExample } from "../test/support/example.ts";
import { startErl } from "../test/support/otp.ts";

it("bridge-http hands out tickets, and lets in who has one", async () => {
  await using erl = await startErl({ cookie: "thecookiethatnopageeversees" });
  const args = [erl.name, "--port", "0", "--node-port", String(erl.portNo)];
  const { child, ended, printed } = startExample("bridge-http", args, { COOKIE: erl.cookie });
  onTestFinished(async () => {
    child.kill("SIGTERM");
    await ended;
  });
  const [, url = ""] = /listening at (\S+)/.exec(await printed("listening at http://127.0.0.1:")) ?? [];
  expect((await fetch(`${url}/ticket`)).status).toBe(404);
  const getTicket = async () => (await (await fetch(`${url}/ticket`, { method: "POST" })).json()) as Ticket;
  const node = await ErlangNode.start(withTickets(url, getTicket, { target: "app" }));
  expect(await node.ping(erl.name)).toBe(true);
  await node.stop();
  await printed("guest left: ");
});
