// A LitElement whose styles come along when a page moves it into another document, such as that of a frame: style sheets that are made by
// a program belong to the document that they are made for, and none other takes them.
import { LitElement } from "lit";

export class StyledElement extends LitElement {
  /** The browser has taken the styles of the last document away. */
  adoptedCallback(): void {
    if (this.shadowRoot !== null) this.#style(this.shadowRoot);
  }

  protected override createRenderRoot(): HTMLElement | DocumentFragment {
    if (this.ownerDocument === document) return super.createRenderRoot();
    // Lit keeps them on the class, which is that of `this`.
    const root = this.shadowRoot ?? this.attachShadow((this.constructor as typeof LitElement).shadowRootOptions);
    this.#style(root);
    return root;
  }

  #style(root: ShadowRoot): void {
    const view = this.ownerDocument.defaultView;
    // A document that is not shown needs none.
    if (view === null) return;
    // As above.
    root.adoptedStyleSheets = (this.constructor as typeof LitElement).elementStyles.map((style) => {
      const sheet = new view.CSSStyleSheet();
      sheet.replaceSync("cssText" in style ? style.cssText : "");
      return sheet;
    });
  }
}
