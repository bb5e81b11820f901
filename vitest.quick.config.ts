// `npm run test:quick`: the core's tests that need no Erlang, in Node.js only.
import { defineConfig } from "vitest/config";
import { MAX_WORKERS, nodejs } from "./vitest.config.ts";

export default defineConfig({
  test: {
    maxWorkers: MAX_WORKERS,
    projects: [nodejs("core", ["packages/core/{src,test}/**/*.test.ts"], ["**/*.nodejs.test.ts", "**/*.workerd.test.ts"])],
  },
});
