import { expect, it } from "vitest";
import { cloudflare } from "./cloudflare.ts";

it("says where it works when it is used elsewhere without a connect function", async () => {
  await expect(cloudflare({ portNo: 1 })("app@127.0.0.1", {})).rejects.toThrow(
    new TypeError("cloudflare() works in Cloudflare Workers only; elsewhere give it a connect function"),
  );
});
