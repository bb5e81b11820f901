// A LitElement whose styles come along when a page moves it into another document, such as that of a frame: style sheets that are made by
// a program belong to the document that they are made for, and none other takes them.
import { LitElement } from "lit";

export class StyledElement extends LitElement {
  /** The browser has taken the styles of the last document away. This comes before an element that is new is rendered. */
  async adoptedCallback(): Promise<void> {
    const { styleAnew } = await import("./adopted-styles.ts");
    styleAnew(this);
  }

  protected override createRenderRoot(): HTMLElement | DocumentFragment {
    try {
      return super.createRenderRoot();
    } catch (error) {
      // In another document, which did not take the sheets of this one: they are on their way.
      if (this.shadowRoot) return this.shadowRoot;
      throw error;
    }
  }
}
