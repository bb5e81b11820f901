// `npm run test:slow`: what takes minutes, nearly all of them waiting.
import { defineConfig } from "vitest/config";
import { nodejs } from "./vitest.config.ts";

export default defineConfig({
  test: {
    globalSetup: ["test/support/leftovers.ts"],
    projects: [nodejs("slow", ["test/**/*.slow.ts", "packages/bridge/test/*.slow.ts"])],
  },
});
