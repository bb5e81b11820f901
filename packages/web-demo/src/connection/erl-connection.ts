import { type CSSResult, css, html, type TemplateResult } from "lit";
import { ConnectingElement } from "./connecting-element.ts";

/**
 * A connection to an Erlang node for the elements inside: `<erl-processes>`, `<erl-logs>` and the others need no more than that,
 * and several consoles inside share it. It shows nothing of its own.
 *
 * @fires erl-connect - connected; `detail.name` is this page's node name
 * @fires erl-disconnect - a connection that was up has ended
 * @fires erl-error - an attempt to connect failed
 * @fires erl-message - a message arrived at the process registered as `console`
 * @slot - whatever uses the connection
 * @customElement erl-connection
 */
export class ErlConnection extends ConnectingElement {
  static override styles: CSSResult = css`
    :host {
      display: contents;
    }
  `;

  protected override render(): TemplateResult {
    return html`<slot></slot>`;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "erl-connection": ErlConnection;
  }
}
