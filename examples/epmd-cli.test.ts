import { afterAll, beforeAll, expect, it } from "vitest";
import { runExample, startExample } from "../test/support/example.ts";
import { type Epmd, freePortNo, startEpmd, startErl } from "../test/support/otp.ts";

let epmd: Epmd;

beforeAll(async () => {
  epmd = await startEpmd();
});
afterAll(() => epmd.stop());

const run = (...args: string[]): ReturnType<typeof runExample> =>
  runExample("epmd-cli", ["--port", String(epmd.portNo), ...args]);

it("shows a real node by names, lookup and dump", async () => {
  await using erl = await startErl({ epmd });
  const [alive = ""] = erl.name.split("@");
  expect(await run("names")).toEqual({ code: 0, output: `${alive} at port ${erl.portNo}\n` });
  const { code, output } = await run("lookup", alive);
  expect(code).toBe(0);
  expect(output).toContain(`portNo: ${erl.portNo}`);
  expect(await run("dump")).toEqual({ code: 0, output: `active ${alive} at port ${erl.portNo}\n` });
});

it("registers a name until it is interrupted", async () => {
  const { child, ended, printed } = startExample("epmd-cli", ["--port", String(epmd.portNo), "register", "page", "4711"]);
  try {
    expect(await printed("Ctrl-C")).toMatch(/^registered page with creation \d+;/);
    expect((await run("names")).output).toBe("page at port 4711\n");
    expect(await run("register", "page", "4712")).toMatchObject({
      code: 1,
      output: expect.stringContaining("already has a node named page"),
    });
    child.kill("SIGINT");
    expect(await ended).toMatchObject({ code: 0 });
  } finally {
    child.kill("SIGKILL");
  }
  await expect.poll(async () => (await run("names")).output, { interval: 100, timeout: 10_000 }).toBe("");
});

it("says in words what went wrong, and exits with 1", async () => {
  expect(await run("lookup", "nobody")).toEqual({ code: 1, output: "EPMD knows no node named nobody\n" });
  expect(await run("lookup", "app@host")).toMatchObject({ code: 1, output: expect.stringContaining("the part before the @") });
  expect(await run("dance")).toMatchObject({ code: 1, output: expect.stringContaining("usage: epmd-cli") });
  const closed = await runExample("epmd-cli", ["--port", String(await freePortNo()), "names"]);
  expect(closed).toMatchObject({ code: 1, output: expect.stringContaining("connection refused") });
});

it("ends an epmd", async () => {
  const mortal = await startEpmd();
  try {
    expect(await runExample("epmd-cli", ["--port", String(mortal.portNo), "kill"])).toEqual({
      code: 0,
      output: "EPMD has ended\n",
    });
  } finally {
    await mortal.stop();
  }
});
