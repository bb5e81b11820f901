import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { type Epmd, type ErlNode, startEpmd, startErl } from "../test/support/otp.ts";

let epmd: Epmd;
let erl: ErlNode;
const children = new Set<ChildProcessWithoutNullStreams>();

beforeAll(async () => {
  epmd = await startEpmd();
  erl = await startErl({ epmd, args: ["-kernel", "start_pg", "true"] });
});

afterEach(() => {
  // Those of a test that failed; the others have ended.
  for (const child of children) child.kill("SIGKILL");
  children.clear();
});

afterAll(async () => {
  await erl.stop();
  await epmd.stop();
});

/** Somebody who chats: what they type, and what they see. */
function chat(who: string): { child: ChildProcessWithoutNullStreams; seen: () => string } {
  const env = { ...process.env, ERL_EPMD_PORT: String(epmd.portNo) };
  const args = ["-C", "@erl-dist/source", "examples/pg-chat.ts", erl.name, who, "--cookie", "secret"];
  const child = spawn(process.execPath, args, { env });
  children.add(child);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => (output += chunk.toString()));
  return { child, seen: () => output };
}

it("pg-chat brings each line to all members of the group, in Erlang and in JavaScript", async () => {
  await erl.eval("pg:join(chat, self())");
  const ada = chat("Ada");
  await expect.poll(() => erl.eval("length(pg:get_members(chat))"), { timeout: 20_000 }).toBe("2");
  await expect.poll(ada.seen).toContain(`join: <${erl.name}.`);
  ada.child.stdin.write("hello, föx\n");
  expect(await erl.eval("receive {chat, Who, Line} -> {Who, Line} after 5000 -> none end")).toBe('{"Ada","hello, föx"}');
  await expect.poll(ada.seen).toContain("Ada: hello, föx\n");
  await erl.eval(`[P ! {chat, "erl", "welcome"} || P <- pg:get_members(chat)]`);
  await expect.poll(ada.seen).toContain("erl: welcome\n");
  await erl.eval("pg:leave(chat, self())");
  await expect.poll(ada.seen).toContain(`leave: <${erl.name}.`);
  ada.child.stdin.end();
  expect(await once(ada.child, "close")).toEqual([0, null]);
  await expect.poll(() => erl.eval("pg:get_members(chat)")).toBe("[]");
});

it("pg-chat says in words what went wrong", async () => {
  const child = spawn(process.execPath, ["-C", "@erl-dist/source", "examples/pg-chat.ts", "nobody@127.0.0.1"], {});
  children.add(child);
  expect(await once(child, "close")).toEqual([2, null]);
});
