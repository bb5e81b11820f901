import { html, type TemplateResult } from "lit";
import type { Words } from "../../words.ts";
import type { PanelKey } from "../strings.ts";
import { readTyped, termInput } from "../term-input.ts";
import type { MessagesKey } from "./strings.ts";

/** What the sender puts around the term, in Erlang's words. */
export type Shape = "message" | "with_self" | "call";

export interface Outgoing {
  readonly to: string;
  readonly shape: Shape;
  readonly text: string;
}

export interface SendModel {
  readonly words: Words<MessagesKey | PanelKey>;
  readonly to: string;
  readonly text: string;
  /** Names registered on the node, to choose from. */
  readonly names: readonly string[];
  /** Why the last message could not be sent, where the term is not the reason. */
  readonly problem: string | undefined;
  readonly connected: boolean;
  readonly typed: (text: string) => void;
  readonly askForNames: () => void;
  readonly send: (outgoing: Outgoing) => void;
}

const SHAPES: readonly { readonly shape: Shape; readonly title: string }[] = [
  { shape: "with_self", title: "Name ! {self(), Term}" },
  { shape: "message", title: "Name ! Term" },
  { shape: "call", title: "gen_server:call(Name, Term)" },
];

/** Sends a term to a registered name or a pid. */
export function sendForm(model: SendModel): TemplateResult {
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    // The listener sits on the form itself.
    const form = event.currentTarget as HTMLFormElement;
    const shape = SHAPES.find((each) => each.shape === field(form, "shape").value)?.shape ?? "message";
    model.send({ to: field(form, "to").value.trim(), shape, text: model.text });
    field(form, "text").focus();
  };
  const { words } = model;
  return html`
    <form part="send-form" class="send-form" autocomplete="off" @submit=${submit}>
      <p class="title">${words.say("messagesSend")}</p>
      <label>
        <span>${words.say("messagesTo")}</span>
        <input
          part="input"
          class="mono"
          name="to"
          list="names"
          required
          spellcheck="false"
          autocapitalize="off"
          placeholder=${words.say("messagesToHint")}
          .value=${model.to}
          @focus=${model.askForNames}
        />
      </label>
      <datalist id="names">${model.names.map((name) => html`<option value=${name}></option>`)}</datalist>
      ${termInput({ name: "text", id: "term", label: words.say("messagesTerm"), words, text: model.text, input: model.typed })}
      <p class="problem" role="status">${model.problem ?? ""}</p>
      <label>
        <span>${words.say("messagesShape")}</span>
        <select part="input" class="mono" name="shape">
          ${SHAPES.map(({ shape, title }) => html`<option value=${shape}>${title}</option>`)}
        </select>
      </label>
      <button part="button button-primary" class="primary" ?disabled=${!model.connected || readTyped(model.text).type === "problem"}>${words.say("send")}</button>
    </form>
  `;
}

function field(form: HTMLFormElement, name: "to" | "text" | "shape"): HTMLInputElement | HTMLSelectElement {
  // The form below has them.
  return form.elements.namedItem(name) as HTMLInputElement | HTMLSelectElement;
}
