import { html, nothing, type TemplateResult } from "lit";

/** What the sender puts around the term, in Erlang's words. */
export type Shape = "message" | "with_self";

export interface Outgoing {
  readonly to: string;
  readonly shape: Shape;
  readonly text: string;
}

export interface SendModel {
  readonly to: string;
  /** Why the last text was not a term. */
  readonly problem: string | undefined;
  readonly connected: boolean;
  /** True when it went out: the message field is emptied. */
  readonly send: (outgoing: Outgoing) => boolean;
}

/** Sends a term to a registered name. */
export function sendForm(model: SendModel): TemplateResult {
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    // The listener sits on the form itself.
    const form = event.currentTarget as HTMLFormElement;
    const input = field(form, "text");
    const shape = field(form, "shape").value === "message" ? "message" : "with_self";
    if (model.send({ to: field(form, "to").value.trim(), shape, text: input.value })) input.value = "";
    input.focus();
  };
  return html`
    <form part="send-form" class="send-form" autocomplete="off" @submit=${submit}>
      <p class="title">Send a message</p>
      <label>
        <span>Registered name</span>
        <input part="input" class="mono" name="to" required spellcheck="false" autocapitalize="off" placeholder="echo" .value=${model.to} />
      </label>
      <label>
        <span>Term</span>
        <input
          part="input"
          class="mono"
          name="text"
          required
          spellcheck="false"
          autocapitalize="off"
          placeholder='{hello, <<"world">>}'
          aria-invalid=${model.problem === undefined ? "false" : "true"}
          aria-describedby="term-problem"
        />
      </label>
      <p id="term-problem" class="problem" role="status">${model.problem ?? nothing}</p>
      <label>
        <span>Sent as</span>
        <select part="input" class="mono" name="shape">
          <option value="with_self">Name ! {self(), Term}</option>
          <option value="message">Name ! Term</option>
        </select>
      </label>
      <button part="button button-primary" class="primary" ?disabled=${!model.connected}>Send</button>
    </form>
  `;
}

function field(form: HTMLFormElement, name: "to" | "text" | "shape"): HTMLInputElement | HTMLSelectElement {
  // The form below has them.
  return form.elements.namedItem(name) as HTMLInputElement | HTMLSelectElement;
}
