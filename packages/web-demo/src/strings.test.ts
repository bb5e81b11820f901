import { describe, expect, expectTypeOf, it } from "vitest";
import { ENGLISH, TABLES } from "./english.ts";
import type { PanelKey } from "./panels/strings.ts";
import { PANELS } from "./panels/panel-list.ts";
import { filled } from "./filled.ts";
import { panelTitle, type StringKey, STRINGS, type Strings, stringsOf } from "./strings.ts";
import { Words } from "./words.ts";

const CALLS = {
  calls_one: "{count} call of {total}",
  calls_other: "{count} calls of {total}",
  greeting: "Hello {name}, {name}!",
} as const;

describe("what the console says", () => {
  it("is the page's word where it has one, else ours", () => {
    expect(stringsOf({ connected: "Verbunden" })).toEqual({ ...STRINGS, connected: "Verbunden" });
    expect(stringsOf(undefined)).toEqual(STRINGS);
  });

  it("has the names put in, and leaves braces alone that it has nothing for", () => {
    expect(filled("{name} an {node}, {node}!", { name: "a@b", node: "c@d" })).toBe("a@b an c@d, c@d!");
    expect(filled("{nothing}", { constructor: "x" })).toBe("{nothing}");
  });

  it("has a title for each panel, which is the one that the list has", () => {
    for (const { id, title } of PANELS) expect(panelTitle(id, "?", stringsOf(undefined))).toBe(title);
    expect(panelTitle("orders", "Orders", stringsOf(undefined))).toBe("Orders");
  });

  it("is in flat tables of which none has a key of another", () => {
    const keys = TABLES.flatMap((table) => Object.keys(table));
    expect(keys).toHaveLength(new Set(keys).size);
    expect(new Set(keys)).toEqual(new Set(Object.keys(ENGLISH)));
  });

  it("has both English forms of each sentence with a number, and the number in each", () => {
    const others = Object.keys(ENGLISH).filter((key) => key.endsWith("_other"));
    expect(others.length).toBeGreaterThan(5);
    for (const key of others) {
      const one = key.replace(/other$/, "one");
      expect
        .soft(ENGLISH)
        .toMatchObject({ [key]: expect.stringContaining("{count}"), [one]: expect.stringContaining("{count}") });
    }
  });
});

describe("words", () => {
  it("are said with values in their braces", () => {
    expect(new Words("en", CALLS).say("greeting", { name: "Mike" })).toBe("Hello Mike, Mike!");
    expect(new Words("de", CALLS, { greeting: "Hallo {name}" }).say("greeting", { name: "Joe" })).toBe("Hallo Joe");
  });

  it("take the form that the language has for a number", () => {
    const total = { total: "9" };
    const english = new Words("en", CALLS);
    expect([0, 1, 2, 1_000].map((count) => english.many("calls", count, total))).toEqual([
      "0 calls of 9",
      "1 call of 9",
      "2 calls of 9",
      "1,000 calls of 9",
    ]);
    const polish = new Words("pl", CALLS, {
      calls_one: "{count} wywołanie",
      calls_few: "{count} wywołania",
      calls_many: "{count} wywołań",
      calls_other: "{count} wywołania",
    });
    expect([1, 2, 5, 22].map((count) => polish.many("calls", count))).toEqual([
      "1 wywołanie",
      "2 wywołania",
      "5 wywołań",
      "22 wywołania",
    ]);
  });

  it("take the form for others where a translation has no more", () => {
    const words = new Words("pl", CALLS, { calls_other: "wywołania: {count}" });
    expect([2, 5].map((count) => words.many("calls", count))).toEqual(["wywołania: 2", "wywołania: 5"]);
  });

  it("write times and shares as the language does, and English where the page names none", () => {
    const at = new Date(2026, 0, 2, 3, 4, 5);
    expect([new Words("de", CALLS).time(at), new Words("en-US", CALLS).time(at, { minutes: true })]).toEqual([
      "03:04:05",
      "03:04",
    ]);
    expect([new Words("en", CALLS).percent(0.004), new Words("de", CALLS).percent(0.42)]).toEqual(["0.4%", "42\u00a0%"]);
    expect(new Words("no language!", CALLS).count(1_234)).toBe("1,234");
  });

  it("have types: keys by name, and any form of a plural", () => {
    expectTypeOf<{ connected: string; logsEvents_few: string }>().toExtend<Strings>();
    expectTypeOf<"logsEvents_few">().not.toExtend<StringKey>();
    expectTypeOf<{ conected: string }>().not.toExtend<Strings>();
    expectTypeOf(ENGLISH).toExtend<Strings>();
    expectTypeOf<PanelKey>().toExtend<StringKey>();
  });
});
