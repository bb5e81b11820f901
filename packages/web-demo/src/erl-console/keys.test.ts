import { describe, expect, it } from "vitest";
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

  it("mean one thing each", () => {
    expect(new Set(KEYS.map(({ keys }) => keys)).size).toBe(KEYS.length);
  });
});
