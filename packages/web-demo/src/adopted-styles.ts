// The styles of elements in another document than that of the page, loaded when there is such an element.
import type { LitElement } from "lit";

/** Makes the sheets of an element for the document that it is in. */
export function styleAnew({ shadowRoot, ownerDocument, constructor }: LitElement): void {
  const { defaultView } = ownerDocument;
  // One that is not shown needs none.
  if (shadowRoot === null || defaultView === null) return;
  // Lit keeps them on the class.
  shadowRoot.adoptedStyleSheets = (constructor as typeof LitElement).elementStyles.map((style) => {
    const sheet = new defaultView.CSSStyleSheet();
    sheet.replaceSync("cssText" in style ? style.cssText : "");
    return sheet;
  });
}
