// What a page without a bundler loads has code of others in it, whose licences want their notices beside it.
import { join } from "node:path";
import { build, type Rolldown } from "vite";
import { expect, it } from "vitest";
import { NOTICES } from "../third-party-notices.ts";

const PACKAGE = join(import.meta.dirname, "..");

it("has the licence of each package that is in the built files", async () => {
  const built = await build({ configFile: join(PACKAGE, "vite.cdn.config.ts"), logLevel: "warn", build: { write: false } });
  const { output } = (Array.isArray(built) ? built[0] : built) as Rolldown.RolldownOutput;
  const notices = output.find(({ fileName }) => fileName === NOTICES);
  if (notices?.type !== "asset") throw new Error(`the build has no ${NOTICES}`);
  const paths = output.flatMap((part) => (part.type === "chunk" ? Object.keys(part.modules) : []));
  const names = new Set(paths.flatMap((path) => path.split("/node_modules/")[1]?.match(/^(?:@[^/]+\/)?[^/]+/)?.[0] ?? []));
  expect([...names]).toEqual(expect.arrayContaining(["lit", "lit-html", "uplot", "@xterm/xterm", "get-east-asian-width"]));
  const sections = String(notices.source).split(/^# /m).slice(1);
  const named = sections.map((section) => section.slice(0, section.search(/[ \n]/)));
  expect(new Set(named)).toEqual(new Set(["erl-dist", ...names]));
  for (const section of sections) {
    expect(section).toMatch(/copyright/i);
    // As the BSD and the MIT licence begin what they say of their warranty.
    expect(section).toMatch(/THIS SOFTWARE IS PROVIDED|THE SOFTWARE IS PROVIDED/);
  }
});
