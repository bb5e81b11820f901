// What axe cannot say of a page in forced colours: it reads `-webkit-text-fill-color`, which keeps the author's colour where the browser
// draws the person's, and so it compares colours that nobody sees. This reads what is drawn.
import type { Page } from "@playwright/test";

/**
 * Everything that is drawn in a colour that is none of the person's, and text that does not stand out from what is behind it; in words.
 * A terminal is left out: what it draws is the node's.
 */
export function foreignColours(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const names = ["Canvas", "CanvasText", "LinkText", "ButtonFace", "ButtonText", "ButtonBorder", "Field", "FieldText"];
    const more = ["Highlight", "HighlightText", "SelectedItem", "SelectedItemText", "Mark", "MarkText", "GrayText"];
    const probe = document.createElement("span");
    probe.style.cssText = "forced-color-adjust: none; position: absolute";
    document.body.append(probe);
    const colourOf = (name: string): string => {
      probe.style.color = name;
      return getComputedStyle(probe).color;
    };
    const system = new Map([...names, ...more].map((name) => [colourOf(name), name]));
    const gray = colourOf("GrayText");
    probe.remove();

    const everything = function* (root: Document | ShadowRoot): Generator<Element> {
      for (const element of root.querySelectorAll("*")) {
        yield element;
        if (element.shadowRoot !== null) yield* everything(element.shadowRoot);
      }
    };
    const parentOf = (element: Element): Element | null => {
      const root = element.getRootNode();
      return element.assignedSlot ?? element.parentElement ?? (root instanceof ShadowRoot ? root.host : null);
    };
    const isClear = (colour: string): boolean => colour === "transparent" || colour.endsWith(", 0)");
    const behind = (element: Element | null): string => {
      if (element === null) return colourOfCanvas;
      const { backgroundColor } = getComputedStyle(element);
      return isClear(backgroundColor) ? behind(parentOf(element)) : backgroundColor;
    };
    const colourOfCanvas = [...system].find(([, name]) => name === "Canvas")?.[0] ?? "";
    const luminance = (colour: string): number => {
      const [r = 0, g = 0, b = 0] = (colour.match(/[\d.]+/g) ?? []).map((part) => {
        const share = Number(part) / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const contrast = (a: string, b: string): number => {
      const [light = 0, dark = 0] = [luminance(a), luminance(b)].toSorted((x, y) => y - x);
      return (light + 0.05) / (dark + 0.05);
    };

    const found = new Set<string>();
    for (const element of everything(document)) {
      if (element.closest(".xterm, svg, head") !== null || !element.checkVisibility({ visibilityProperty: true })) continue;
      const style = getComputedStyle(element);
      const name = `${element.localName}.${element.getAttribute("class") ?? ""}`;
      const hasText = [...element.childNodes].some(
        (node) => node.nodeType === Node.TEXT_NODE && (node.textContent ?? "").trim() !== "",
      );
      const drawn: [string, string][] = hasText ? [["text", style.color]] : [];
      if (!isClear(style.backgroundColor)) drawn.push(["background", style.backgroundColor]);
      if (Number.parseFloat(style.borderTopWidth) > 0) drawn.push(["border", style.borderTopColor]);
      if (style.outlineStyle !== "none") drawn.push(["outline", style.outlineColor]);
      for (const [what, colour] of drawn) if (!system.has(colour)) found.add(`${name}: ${what} in ${colour}`);
      const ratio = contrast(style.color, behind(element));
      if (hasText && style.color !== gray && ratio < 4.5)
        found.add(`${name}: text against what is behind it ${ratio.toFixed(1)}`);
    }
    return [...found];
  });
}
