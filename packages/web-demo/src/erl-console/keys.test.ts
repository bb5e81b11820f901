import { describe, expect, it } from "vitest";
import { keyTitles, shownKeys } from "./key-titles.ts";
import { KEYS, keysOf } from "./keys.ts";

const pressed = (key: string, more: KeyboardEventInit = {}): string => keysOf(new KeyboardEvent("keydown", { key, ...more }));

describe("the keys of an event", () => {
  it("are named as bindings name them", () => {
    expect(pressed("F6", { shiftKey: true })).toBe("Shift+F6");
    expect(pressed("k", { ctrlKey: true })).toBe("Ctrl+K");
    expect(pressed("k", { metaKey: true })).toBe("Ctrl+K");
    expect(pressed("?", { shiftKey: true })).toBe("?");
    expect(pressed("¡", { altKey: true, code: "Digit1" })).toBe("Alt+1");
  });

  it("have a title each, and those of the page in the place of ours", () => {
    const titles = new Map(keyTitles(undefined));
    for (const [keys, command] of Object.entries(KEYS))
      expect(titles.has(command.startsWith("panel-") ? "Alt+1 … Alt+9" : keys), keys).toBe(true);
    const own = { "Ctrl+P": "Ctrl+K", "Ctrl+K": "", "Alt+o": "Alt+1", h: "?" };
    const owned = new Map(keyTitles(own));
    expect(owned.get("Ctrl+P")).toBe("Commands");
    expect(owned.get("?, h")).toBe("What the keyboard does");
    expect([...owned.keys()].some((keys) => keys.includes("Ctrl+K"))).toBe(false);
    expect(shownKeys("Ctrl+K", { "Ctrl+K": "" })).toBeUndefined();
  });
});
