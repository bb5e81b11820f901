import { expect, inject, it } from "vitest";
import { carrierCompliance } from "../../test/support/carrier-compliance.ts";
import { fastestMs } from "../../test/support/fastest.ts";
import { cloudflare } from "./cloudflare.ts";

const PEER = "app@127.0.0.1";

carrierCompliance(
  "a socket of workerd",
  async () => {
    const connect = cloudflare({ portNo: inject("rendezvousPortNo") });
    const near = await connect(PEER, {});
    const far = await connect(PEER, {});
    const cut = cloudflare({ portNo: inject("cutterPortNo") });
    return {
      near,
      far,
      async breakOff() {
        await (await cut(PEER, {})).close();
      },
    };
  },
  { slackBytes: 96 * 1024 * 1024 },
);

it.each([
  ["nothing listens", { portNo: 1 }, "refused", /cannot connect to app@127.0.0.1: no connection to 127.0.0.1:1/],
  ["the host is unknown", { portNo: 1, hostname: "no-such-host.invalid" }, "refused", /no-such-host.invalid:1/],
  ["no EPMD runs", { epmdPortNo: 1 }, "epmd_unreachable", /no EPMD at 127.0.0.1:1/],
] as const)("says in under a second that %s", async (_, options, code, message) => {
  const refused = (): Promise<void> =>
    expect(cloudflare(options)(PEER, {})).rejects.toMatchObject({ name: "ConnectionError", code, peer: PEER, message });
  expect(await fastestMs(refused)).toBeLessThan(1000);
});
