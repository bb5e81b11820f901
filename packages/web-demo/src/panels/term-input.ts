// A field for an Erlang term that says while one types where the text is none.
import { parse, ParseError, type Term } from "@erl-dist/core";
import { html, nothing, type TemplateResult } from "lit";
import type { Words } from "../words.ts";
import type { PanelKey } from "./strings.ts";

export type Typed =
  | { readonly type: "empty" }
  | { readonly type: "term"; readonly term: Term }
  | { readonly type: "problem"; readonly message: string; readonly isIncomplete: boolean };

/** Reads what was typed; the end of it may still be missing. */
export function readTyped(text: string): Typed {
  if (text.trim() === "") return { type: "empty" };
  try {
    return { type: "term", term: parse(text) };
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    return { type: "problem", message: error.message, isIncomplete: error.code === "unexpected_end" };
  }
}

export interface TermInputModel {
  readonly name: string;
  readonly label: string;
  readonly text: string;
  readonly id: string;
  readonly words: Words<PanelKey>;
  readonly input: (text: string) => void;
}

export function termInput({ name, label, text, id, words, input }: TermInputModel): TemplateResult {
  const typed = readTyped(text);
  const problem = typed.type === "problem" ? problemText(typed, words) : undefined;
  return html`
    <label>
      <span>${label}</span>
      <input
        part="input"
        class="mono"
        name=${name}
        spellcheck="false"
        autocapitalize="off"
        autocomplete="off"
        placeholder='{hello, <<"world">>}'
        aria-invalid=${problem === undefined ? "false" : "true"}
        aria-describedby="${id}-problem"
        .value=${text}
        @input=${(event: Event) => input((event.currentTarget as HTMLInputElement).value)}
      />
    </label>
    <p id="${id}-problem" class="problem" aria-live="polite">${problem ?? nothing}</p>
  `;
}

function problemText({ message, isIncomplete }: Extract<Typed, { type: "problem" }>, words: Words<PanelKey>): string {
  return isIncomplete ? words.say("termIncomplete", { message }) : message;
}
