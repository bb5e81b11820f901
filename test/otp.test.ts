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
