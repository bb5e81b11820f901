import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { expect, it } from "vitest";
import { releases, startEpmd, startErl } from "./support/otp.ts";

for (const release of releases()) {
  it(`starts a real node of OTP ${release.otp}, evaluates there, and ends it`, async () => {
    await using erl = await startErl({ release });
    expect(await erl.eval("{node(), lists:sum([1,2])}")).toBe(`{'${erl.name}',3}`);
    await expect(erl.eval("error(oops)")).rejects.toThrow(/\{error,oops/);
  });

  it(`registers OTP ${release.otp} in an epmd of the test's own`, async () => {
    const epmd = await startEpmd();
    try {
      await using erl = await startErl({ release, epmd });
      expect(await erl.eval("erl_epmd:names({127,0,0,1})")).toContain(String(erl.portNo));
    } finally {
      await epmd.stop();
    }
  });
}

it("leaves no node behind when the test process is killed, not even one that is busy for ever", async () => {
  const program = `
    const { startErl } = await import("./test/support/otp.ts");
    const erl = await startErl();
    void erl.eval("(fun Loop() -> Loop() end)()");
    console.log(erl.pid);
  `;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  child.kill("SIGKILL");
  await once(child, "exit");
  await expect.poll(() => isAlive(Number(line)), { timeout: 10_000 }).toBe(false);
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
