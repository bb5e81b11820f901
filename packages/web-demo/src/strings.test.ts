import { describe, expect, it } from "vitest";
import { PANELS } from "./panels/panel-list.ts";
import { filled, panelTitle, STRINGS, stringsOf } from "./strings.ts";

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
});
