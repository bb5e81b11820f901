// A short run of the fuzzers; `npm run fuzz -- --seconds 60` runs them for longer, and with another seed each time.
import { expect, it } from "vitest";
import { seeded } from "../../test/fuzz/random.ts";
import { termTargets } from "../../test/fuzz/term-targets.ts";
import vectors from "../../test/vectors/etf-otp29.jsonl?raw";

it.each(termTargets(vectors))("[C39] gives $name's value or its own error for mutated input", (target) => {
  const random = seeded(20261123);
  let accepted = 0;
  for (let run = 0; run < 20_000; run++) if (target.once(random)) accepted++;
  // Were nothing accepted, or all, the inputs would not be near the border.
  expect(accepted).toBeGreaterThan(100);
  expect(accepted).toBeLessThan(19_900);
});
