// `npm run test:faults`: every test of the bridge that has a row of the table of faults, [T1] to [T29], in its title; the slow ones,
// x.slow.ts, run nowhere else.
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import FaultTable from "./reporter.ts";

const SOURCE = "@erl-dist/source";
const ROOT = join(import.meta.dirname, "../../../..");
const support = (file: string): string => join(ROOT, "test/support", file);
const conditions = [SOURCE, "node", "import", "default"];

export default defineConfig({
  root: ROOT,
  ssr: { resolve: { conditions, externalConditions: conditions } },
  resolve: { conditions },
  test: {
    name: "faults",
    include: ["packages/bridge/{src,test}/**/*.test.ts", "packages/bridge/test/faults/*.slow.ts"],
    testNamePattern: /\[T\d+\]/,
    globalSetup: [support("leftovers.ts")],
    setupFiles: [support("text-equality.ts"), support("open-handles.ts")],
    // They measure memory and times; two at once would measure each other.
    fileParallelism: false,
    // Ten thousand links take 20 s on a machine with nothing else to do.
    testTimeout: 900_000,
    hookTimeout: 60_000,
    reporters: [new FaultTable()],
  },
});
