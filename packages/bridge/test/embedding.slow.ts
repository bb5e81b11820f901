// examples/bridge-embedded, with the frameworks installed as whoever tries it installs them: into a folder of its own.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { ErlangNode } from "@erl-dist/core";
import { type Ticket, withTickets } from "@erl-dist/core/transports/websocket";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import { startErl } from "../../../test/support/otp.ts";

const ROOT = join(import.meta.dirname, "../../..");
/** Installing takes as long as the network does. */
const INSTALL_MS = 300_000;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "erl-bridge-embedded-"));
  cpSync(join(ROOT, "examples/bridge-embedded"), folder, { recursive: true });
  execFileSync("npm", ["install", "--prefer-offline", "--ignore-scripts", "--no-package-lock"], {
    cwd: folder,
    env: { ...process.env, NODE_DISABLE_COMPILE_CACHE: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  mkdirSync(join(folder, "node_modules/@erl-dist"));
  for (const name of ["bridge", "core"]) symlinkSync(join(ROOT, "packages", name), join(folder, "node_modules/@erl-dist", name));
}, INSTALL_MS);
afterAll(() => rmSync(folder, { recursive: true }));

it.each(["express", "fastify"])("%s hands out tickets, lets in who has one, and ends with the bridge", async (name) => {
  await using erl = await startErl({ cookie: "thecookiethatnopageeversees" });
  const child = spawn(process.execPath, ["-C", "@erl-dist/source", `${name}.mjs`, erl.name, String(erl.portNo)], {
    cwd: folder,
    env: { ...process.env, COOKIE: erl.cookie, PORT: "0" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const { value } = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
  const [, url = ""] = /^listening at (http:\S+)$/.exec(String(value)) ?? [];
  expect((await fetch(`${url}/ticket`)).status).toBe(404);
  const getTicket = async () => (await (await fetch(`${url}/ticket`, { method: "POST" })).json()) as Ticket;
  const node = await ErlangNode.start(withTickets(url, getTicket, { target: "app" }));
  onTestFinished(() => node.stop());
  expect(await node.ping(erl.name)).toBe(true);
  const down = once(node, "nodedown");
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  await down;
  expect(await exited).toEqual([0, null]);
});
