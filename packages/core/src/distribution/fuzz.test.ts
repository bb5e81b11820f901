// A short run of the fuzzer; `npm run fuzz -- --target connection` runs it for longer, and with another seed each time.
import { expect, it } from "vitest";
import { connectionTarget } from "../../test/fuzz/connection-target.ts";
import { seeded } from "../../test/fuzz/random.ts";
import vectors from "../../test/vectors/packets.txt?raw";

it("gives events or its own errors for changed packets of a conversation", () => {
  const target = connectionTarget(vectors);
  const random = seeded(20261123);
  let accepted = 0;
  for (let run = 0; run < 3_000; run++) if (target.once(random)) accepted++;
  // Were nothing accepted, or all, the inputs would not be near the border.
  expect(accepted).toBeGreaterThan(300);
  expect(accepted).toBeLessThan(2_700);
});
