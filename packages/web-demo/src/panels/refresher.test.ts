import { describe, expect, it } from "vitest";
import { waitMs } from "./refresher.ts";

describe("the wait before the next look at a node", () => {
  it("is the interval where a look costs little", () => {
    expect(waitMs(2_000, 10)).toBe(2_000);
  });

  it("keeps looking below a twentieth of one scheduler", () => {
    expect(waitMs(2_000, 500)).toBe(10_000);
  });
});
