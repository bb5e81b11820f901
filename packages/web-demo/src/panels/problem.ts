// What went wrong in a panel, shown in the panel: in words, with the details to copy, and a button to try it again.
import { html, type TemplateResult } from "lit";
import { CallError } from "../remote/call-error.ts";
import { filled } from "../filled.ts";
import type { Words } from "../words.ts";
import type { PanelKey } from "./strings.ts";
import { ToldError } from "../told-error.ts";

export interface Problem {
  /** In the words of whoever shows it. */
  readonly message: (words: Words<PanelKey>) => string;
  /** For whoever is asked for help. */
  readonly details: string;
}

export function problemOf(error: unknown): Problem {
  const lines = [messageOf(error)];
  if (error instanceof CallError) lines.push(`function: ${error.mfa}`, `code: ${error.code}`);
  if (error instanceof Error) {
    if (error.cause !== undefined) lines.push(`cause: ${messageOf(error.cause)}`);
    lines.push(error.stack ?? "");
  }
  return { message: (words) => messageOf(error, words), details: lines.join("\n") };
}

/** In the words of the page where it has some for the error; exceptions of other code have their own. */
export function messageOf(error: unknown, words?: Words<PanelKey>): string {
  if (error instanceof CallError && words !== undefined) {
    return words.say(`call_${error.code}`, { mfa: error.mfa, detail: error.detail });
  }
  if (error instanceof ToldError) {
    const own = words?.known(error.key);
    if (own !== undefined) return filled(own, error.values);
  }
  return error instanceof Error ? error.message : String(error);
}

/** `node` is the name of the node, for the details. */
export function problemView(
  title: string,
  problem: Problem,
  words: Words<PanelKey>,
  node: string | undefined,
  retry: () => void,
): TemplateResult {
  const copy = (): void => {
    const details = [title, problem.details, `node: ${node ?? "not connected"}`, new Date().toISOString()];
    void navigator.clipboard.writeText(details.join("\n"));
  };
  return html`
    <div class="failure" role="alert">
      <strong>${title}</strong>
      <p>${problem.message(words)}</p>
      <p class="buttons">
        <button part="button" type="button" @click=${retry}>${words.say("problemRetry")}</button>
        <button part="button" type="button" @click=${copy}>${words.say("problemCopy")}</button>
      </p>
    </div>
  `;
}
