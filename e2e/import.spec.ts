import { execFileSync } from "node:child_process";
import { expect, test } from "@playwright/test";

test("the element can be imported where there is no DOM, as server-side rendering does", () => {
  const program = `import { ErlConsole } from "@erl-dist/web-demo"; console.log(ErlConsole.name, typeof document);`;
  const args = ["-C", "@erl-dist/source", "--input-type=module", "-e", program];
  // From the package itself, which may import itself by name.
  const printed = execFileSync(process.execPath, args, { cwd: "packages/web-demo", encoding: "utf8" });
  expect(printed).toBe("ErlConsole undefined\n");
});
