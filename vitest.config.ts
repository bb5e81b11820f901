// One run, several runtimes: the same core tests in Node.js, Chromium and workerd; the rest where it belongs.
// File names choose: *.test.ts runs everywhere, *.nodejs.test.ts needs Node.js (TCP, a real Erlang node), *.workerd.test.ts workerd.
import { join } from "node:path";
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { playwright } from "@vitest/browser-playwright";
import { defineConfig, type TestProjectInlineConfiguration } from "vitest/config";
import { chromiumLaunch } from "./scripts/chromium.ts";

const SOURCE = "@erl-dist/source";
const node = {
  ssr: {
    resolve: { conditions: [SOURCE, "node", "import", "default"], externalConditions: [SOURCE, "node", "import", "default"] },
  },
  resolve: { conditions: [SOURCE, "node", "import", "default"] },
};
const client = { resolve: { conditions: [SOURCE, "browser", "import", "default"] } };
const chromium = (name: string) => ({
  enabled: true,
  headless: true,
  screenshotFailures: false,
  provider: playwright({ launchOptions: chromiumLaunch() }),
  instances: [{ browser: "chromium" as const, name }],
});
const support = (file: string) => join(import.meta.dirname, "test/support", file);
const setupFiles = [support("text-equality.ts")];
const inNode = { environment: "node", setupFiles: [...setupFiles, support("open-handles.ts")] };
// What is waited for comes at once, but on a machine that does much else.
const timeouts = { testTimeout: 30_000, hookTimeout: 60_000, expect: { poll: { timeout: 20_000 } } };
// One process, workerd or page for many files: to start one for each took a quarter of the run. What a file leaves, the next one meets.
const shared = { isolate: false };

/** Tests that run in Node.js. */
export const nodejs = (name: string, include: string[], exclude: string[] = []): TestProjectInlineConfiguration => ({
  ...node,
  test: { name, include, exclude, ...inNode, ...timeouts, ...shared },
});
/** More than two cores need: many tests wait, for a tick, a deadline or a node that starts. */
export const MAX_WORKERS = 3;

export default defineConfig({
  test: {
    globalSetup: ["test/support/leftovers.ts"],
    maxWorkers: MAX_WORKERS,
    projects: [
      nodejs("core", ["packages/core/{src,test}/**/*.test.ts"], ["**/*.workerd.test.ts"]),
      {
        ...client,
        test: {
          name: "core-in-chromium",
          include: ["packages/core/src/**/*.test.ts"],
          exclude: ["**/*.nodejs.test.ts", "**/*.workerd.test.ts"],
          browser: chromium("core-chromium"),
          setupFiles,
          ...timeouts,
          ...shared,
        },
      },
      {
        plugins: [cloudflareTest({ miniflare: { compatibilityDate: "2026-10-01" } })],
        resolve: { conditions: [SOURCE, "workerd", "worker", "browser", "import", "default"] },
        test: {
          name: "core-workerd",
          include: ["packages/core/src/**/*.test.ts", "packages/bridge/src/policy/**/*.test.ts"],
          exclude: ["**/*.nodejs.test.ts"],
          globalSetup: [join(import.meta.dirname, "packages/core/test/support/rendezvous.ts")],
          setupFiles,
          ...timeouts,
          ...shared,
        },
      },
      nodejs("bridge", ["packages/bridge/{src,test}/**/*.test.ts"]),
      {
        ...client,
        test: {
          name: "web-demo-in-chromium",
          include: ["packages/web-demo/src/**/*.test.ts"],
          exclude: ["**/*.nodejs.test.ts"],
          browser: chromium("web-demo"),
          setupFiles,
          ...timeouts,
          ...shared,
        },
      },
      nodejs("web-demo-nodejs", ["packages/web-demo/src/**/*.nodejs.test.ts"]),
      nodejs("worker", ["packages/worker/{src,test}/**/*.test.ts"], ["packages/worker/test/reach.test.ts"]),
      // Trusts an authority of its own, which wrangler reads once in a process.
      nodejs("worker-tls", ["packages/worker/test/reach.test.ts"]),
      nodejs("project", ["test/**/*.test.ts", "examples/**/*.test.ts"]),
    ],
  },
});
