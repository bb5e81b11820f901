// `npm run test:idle`: what takes minutes because it is about minutes.
import { join } from "node:path";
import { defineConfig } from "vitest/config";

const ROOT = join(import.meta.dirname, "../../../..");
const conditions = ["@erl-dist/source", "node", "import", "default"];

export default defineConfig({
  root: ROOT,
  ssr: { resolve: { conditions, externalConditions: conditions } },
  resolve: { conditions },
  test: {
    name: "worker-slow",
    include: ["packages/worker/test/slow/*.slow.ts"],
    globalSetup: [join(ROOT, "test/support/leftovers.ts")],
    setupFiles: [join(ROOT, "test/support/text-equality.ts"), join(ROOT, "test/support/open-handles.ts")],
    testTimeout: 600_000,
    hookTimeout: 120_000,
  },
});
