import { expect, it } from "vitest";
import { checkNameRule, DEFAULT_NAME_RULE, NamesInUse } from "./names.ts";

it("gives each page another name of a pool, and none when all are taken", () => {
  const names = new NamesInUse();
  const rule = { type: "pool", names: ["a@web", "b@web"] } as const;
  const first = names.take(rule);
  expect(first).toEqual({ type: "fixed", name: "a@web", owned: false });
  expect(names.take(rule)).toMatchObject({ name: "b@web" });
  expect(names.take(rule)).toBeUndefined();
  if (first !== undefined) names.release(first);
  expect(names.take(rule)).toEqual(first);
});

it("gives a pinned name to whoever has it, and leaves names to the node by default", () => {
  const names = new NamesInUse();
  const pinned = { type: "fixed", name: "a@web", owned: true };
  expect(names.take({ type: "pin", name: "a@web" })).toEqual(pinned);
  expect(names.take({ type: "pin", name: "a@web" })).toEqual(pinned);
  expect(names.take(DEFAULT_NAME_RULE)).toEqual({ type: "dynamic", host: "web" });
});

it.each([
  [{ type: "pin", name: "web1" }, '"web1" is not a full node name'],
  [{ type: "pool", names: ["a@b", "ä@b"] }, "visible ASCII"],
  [{ type: "pool", names: [] }, "at least one"],
  [{ type: "dynamic", host: "a@b" }, '"a@b" is not a host'],
] as const)("takes no rule that Erlang could not follow: %j", (rule, message) => {
  expect(() => checkNameRule(rule)).toThrow(message);
});
