import { names } from "@erl-dist/core/epmd";
import { connectTcp } from "@erl-dist/core/transports/nodejs";
import { expect, it } from "vitest";
import { runExample, startExample } from "../test/support/example.ts";
import { freePortNo, startErl } from "../test/support/otp.ts";

it("is an EPMD for real nodes, until it is told to end", async () => {
  const portNo = await freePortNo();
  const { child, ended, printed } = startExample("epmd-server", ["--port", String(portNo)]);
  try {
    expect(await printed("Ctrl-C")).toContain(`EPMD listens on 127.0.0.1:${portNo}`);
    await using erl = await startErl({ epmd: { portNo, stop: async () => undefined } });
    const [alive = ""] = erl.name.split("@");
    expect(await names(await connectTcp("127.0.0.1", portNo))).toEqual([{ name: alive, portNo: erl.portNo }]);
    const second = await runExample("epmd-server", ["--port", String(portNo)]);
    expect(second).toMatchObject({ code: 1, output: expect.stringContaining(`cannot listen on port ${portNo}`) });
    expect((await runExample("epmd-cli", ["--port", String(portNo), "kill"])).output).toContain("nodes are registered");
  } finally {
    child.kill("SIGINT");
  }
  expect(await ended).toMatchObject({ code: 0 });
});

it("can be killed as epmd can", async () => {
  const portNo = await freePortNo();
  const { child, ended, printed } = startExample("epmd-server", ["--port", String(portNo)]);
  try {
    await printed("Ctrl-C");
    expect(await runExample("epmd-cli", ["--port", String(portNo), "kill"])).toEqual({ code: 0, output: "EPMD has ended\n" });
    expect(await ended).toMatchObject({ code: 0 });
  } finally {
    child.kill("SIGKILL");
  }
});
