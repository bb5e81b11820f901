// What the build does to styles must not change what they say.
import type { LitElement } from "lit";
import { expect, it } from "vitest";
import { smallStyle } from "../small-styles.ts";
import { ErlPalette } from "./erl-console/erl-palette.ts";
import { ErlConsole } from "./index.ts";
import * as panels from "./panels.ts";

function rulesOf(text: string): string[] {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(text);
  // Custom properties keep the line breaks that they are written with.
  return [...sheet.cssRules].map(({ cssText }) => cssText.replace(/\s+/g, " "));
}

it("leaves each rule of each element as it was, in less room", () => {
  const classes: readonly unknown[] = [ErlConsole, ErlPalette, ...Object.values(panels)];
  // What else the module exports is no element.
  const elements = classes.filter((each): each is typeof LitElement => Object.hasOwn(each as object, "elementStyles"));
  expect(elements.length).toBeGreaterThan(10);
  const styles = elements.flatMap(({ elementStyles }) => elementStyles);
  const texts = new Set(styles.map((style) => ("cssText" in style ? style.cssText : "")));
  for (const text of texts) {
    expect(rulesOf(smallStyle(text))).toEqual(rulesOf(text));
    expect(smallStyle(text)).not.toMatch(/\/\*|\n/);
  }
});
