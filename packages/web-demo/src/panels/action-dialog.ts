// A question before something is done to the node, with the name of the node, as everything that cannot be undone needs one.
import { html, nothing, type ReactiveController, type ReactiveControllerHost, type TemplateResult } from "lit";
import type { Words } from "../words.ts";
import type { PanelKey } from "./strings.ts";

export interface Question {
  /** What is going to happen, as a title: `Kill <0.123.0>?` */
  readonly title: string;
  /** What that means. */
  readonly detail: string;
  /** On the button. */
  readonly verb: string;
  readonly node: string;
  /** More to fill in, above the buttons. */
  readonly fields?: () => TemplateResult;
  /** False keeps the dialog open: something is wrong with what was filled in. */
  readonly confirmed: () => boolean;
  /** The dialog was closed without that. */
  readonly cancelled?: () => void;
}

export class ActionDialog implements ReactiveController {
  readonly #host: ReactiveControllerHost & { readonly renderRoot: HTMLElement | DocumentFragment };
  #question: Question | undefined;
  #before: HTMLElement | undefined;

  constructor(host: ReactiveControllerHost & { readonly renderRoot: HTMLElement | DocumentFragment }) {
    this.#host = host;
    host.addController(this);
  }

  ask(question: Question): void {
    this.#question = question;
    const { renderRoot } = this.#host;
    const focused = renderRoot instanceof ShadowRoot ? renderRoot.activeElement : null;
    this.#before = focused instanceof HTMLElement ? focused : undefined;
    this.#host.requestUpdate();
  }

  hostUpdated(): void {
    const dialog = this.#host.renderRoot.querySelector<HTMLDialogElement>("dialog.action");
    if (dialog !== null && !dialog.open) dialog.showModal();
  }

  view(words: Words<PanelKey>): TemplateResult | typeof nothing {
    const question = this.#question;
    if (question === undefined) return nothing;
    const submit = (event: SubmitEvent): void => {
      event.preventDefault();
      if (!question.confirmed()) return;
      this.#question = undefined;
      this.#close();
    };
    // The name stands out.
    const [before, after] = words.say("dialogNode").split("{node}");
    return html`
      <dialog part="dialog" class="action" aria-labelledby="action-title" @close=${() => this.#close()}>
        <form @submit=${submit}>
          <p class="title" id="action-title">${question.title}</p>
          <p>${question.detail}</p>
          ${question.fields?.() ?? nothing}
          <p class="where">${before}<strong>${question.node}</strong>${after}</p>
          <p class="buttons">
            <button part="button" type="button" @click=${() => this.#close()}>${words.say("dialogCancel")}</button>
            <button part="button button-danger" class="danger">${question.verb}</button>
          </p>
        </form>
      </dialog>
    `;
  }

  #close(): void {
    this.#question?.cancelled?.();
    this.#question = undefined;
    this.#host.requestUpdate();
    // The dialog is gone with the next rendering; the focus goes back to where it came from.
    void this.#host.updateComplete.then(() => this.#before?.focus());
  }
}
