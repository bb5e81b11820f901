// Styles as a browser needs them: a minifier leaves what is in a template as it is written, comments and line breaks too.
import type { Plugin } from "vite";

export function smallStyles(): Plugin {
  return {
    name: "small-styles",
    enforce: "pre",
    transform(code, id) {
      if (!id.startsWith(import.meta.dirname) || !code.includes("css`")) return undefined;
      // The lines are no longer those of the source, for which the built files have no map either.
      return { code: code.replace(/\bcss`([^`]*)`/g, (_all, styles: string) => `css\`${smallStyle(styles)}\``), map: null };
    },
  };
}

/** Without comments, and no more room than between words. Texts in quotation marks hold no more than one blank in a row. */
export function smallStyle(styles: string): string {
  return styles
    .replace(/\/\*[^]*?\*\//g, "")
    .replace(/\s+/g, " ")
    .replace(/ ?([{};]) ?/g, "$1")
    .trim();
}
