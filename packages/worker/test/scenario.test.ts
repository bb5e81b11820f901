// The scenario of packages/core/test/scenario.ts in workerd.
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { releases, startErl } from "../../../test/support/otp.ts";
import { ACT_NAMES } from "../../core/test/scenario.ts";

// Before wrangler is loaded, which reads some of it at once.
process.loadEnvFile(join(import.meta.dirname, "../wrangler.env"));
process.env["CLOUDFLARE_LOAD_DEV_VARS_FROM_DOT_ENV"] = "false";
const { createTestHarness } = await import("wrangler");

const server = createTestHarness({ workers: [{ configPath: join(import.meta.dirname, "scenario/wrangler.jsonc") }] });

beforeAll(() => server.listen());
afterAll(() => server.close());

describe.each(releases())("with OTP $otp", (release) => {
  it("plays every act in workerd", async () => {
    await using erl = await startErl({ release });
    const body = JSON.stringify({ peer: erl.name, portNo: erl.portNo, cookie: erl.cookie });
    const response = await server.fetch("/", { method: "POST", body });
    const text = await response.text();
    expect(response.status, text).toBe(200);
    expect(JSON.parse(text)).toEqual(ACT_NAMES);
    await expect.poll(() => erl.eval("nodes(connected)")).toBe("[]");
  });
});
