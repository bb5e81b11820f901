import { defineConfig } from "@playwright/test";
import { chromiumLaunch } from "./scripts/chromium.ts";

export default defineConfig({
  testDir: "e2e",
  testMatch: "**/*.spec.ts",
  outputDir: "test-results",
  // The demo, an Erlang node and a browser already fill two cores.
  workers: 1,
  fullyParallel: false,
  forbidOnly: true,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [["list"]],
  use: {
    launchOptions: chromiumLaunch(),
    viewport: { width: 1200, height: 1000 },
  },
});
