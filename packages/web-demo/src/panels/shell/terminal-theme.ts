// The terminal's colours, from the same tokens as everything else. It wants them in plain notation, so an element of ours resolves
// what `light-dark()` and the page's own properties say.
import type { ITheme } from "@xterm/xterm";

const NAMES = [
  "black",
  "red",
  "green",
  "yellow",
  "blue",
  "magenta",
  "cyan",
  "white",
  "brightBlack",
  "brightRed",
  "brightGreen",
  "brightYellow",
  "brightBlue",
  "brightMagenta",
  "brightCyan",
  "brightWhite",
] as const;

/** The tokens that a theme is made of. */
export const THEME_COLOURS: readonly string[] = ["accent", "surface", "text", ...NAMES.map((_, index) => `ansi-${index}`)];

/** `probe` is an empty element where the tokens apply. */
export function terminalTheme(probe: HTMLElement): ITheme {
  const style = getComputedStyle(probe);
  const colour = (value: string): string => {
    probe.style.color = value;
    return asHex(style.color);
  };
  const ansi = Object.fromEntries(NAMES.map((name, index) => [name, colour(`var(--_ansi-${index})`)]));
  const accent = colour("var(--_accent)");
  return {
    ...ansi,
    background: colour("var(--_surface)"),
    foreground: colour("var(--_text)"),
    cursor: accent,
    cursorAccent: colour("var(--_surface)"),
    selectionBackground: `${accent}4d`,
  };
}

/** `rgb(1, 2, 3)` or `color(srgb …)`, as `#010203`. */
function asHex(colour: string): string {
  const numbers = (colour.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number);
  const scale = colour.startsWith("color(") ? 255 : 1;
  return `#${numbers
    .map((number) =>
      Math.round(number * scale)
        .toString(16)
        .padStart(2, "0"),
    )
    .join("")}`;
}
