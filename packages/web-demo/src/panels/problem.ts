// What went wrong in a panel, shown in the panel: in words, with the details to copy, and a button to try it again.
import { html, type TemplateResult } from "lit";
import { CallError } from "../remote/call-error.ts";

export interface Problem {
  readonly message: string;
  /** For whoever is asked for help. */
  readonly details: string;
}

export function problemOf(error: unknown): Problem {
  const message = messageOf(error);
  const lines = [message];
  if (error instanceof CallError) lines.push(`function: ${error.mfa}`, `code: ${error.code}`);
  if (error instanceof Error) {
    if (error.cause !== undefined) lines.push(`cause: ${messageOf(error.cause)}`);
    lines.push(error.stack ?? "");
  }
  return { message, details: lines.join("\n") };
}

/** For what went wrong by the node's word, and not by an exception. */
export function problemInWords(message: string): Problem {
  return { message, details: message };
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** `node` is the name of the node, for the details. */
export function problemView(title: string, problem: Problem, node: string | undefined, retry: () => void): TemplateResult {
  const copy = (): void => {
    const details = [title, problem.details, `node: ${node ?? "not connected"}`, new Date().toISOString()];
    void navigator.clipboard.writeText(details.join("\n"));
  };
  return html`
    <div class="failure" role="alert">
      <strong>${title}</strong>
      <p>${problem.message}</p>
      <p class="buttons">
        <button part="button" type="button" @click=${retry}>Try again</button>
        <button part="button" type="button" @click=${copy}>Copy details</button>
      </p>
    </div>
  `;
}
