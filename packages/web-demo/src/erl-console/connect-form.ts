import { html, nothing, type TemplateResult } from "lit";
import type { Settings } from "../connection/connection-state.ts";
import type { FrameStrings } from "../strings.ts";

/** The fields that a person can change; `target` stays what the page said. */
export type Answers = Pick<Settings, "bridge" | "node" | "cookie" | "name">;

/** Where to connect, shown while there is no connection. */
export function connectForm(
  settings: Settings,
  {
    failedBefore,
    hasTicket,
    strings,
  }: { readonly failedBefore: boolean; readonly hasTicket: boolean; readonly strings: FrameStrings },
  connect: (answers: Answers) => void,
): TemplateResult {
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    // The listener sits on the form itself.
    const data = new FormData(event.currentTarget as HTMLFormElement);
    connect({
      bridge: field(data, "bridge"),
      node: field(data, "node"),
      cookie: field(data, "cookie"),
      name: field(data, "name"),
    });
  };
  return html`
    <form part="connect-form" class="connect-form" autocomplete="off" @submit=${submit}>
      <label>
        <span>${strings.bridge}</span>
        <input part="input" name="bridge" inputmode="url" required spellcheck="false" placeholder="ws://127.0.0.1:8080" .value=${settings.bridge} />
      </label>
      <label>
        <span>${strings.erlangNode}</span>
        <input part="input" name="node" required spellcheck="false" autocapitalize="off" placeholder="app@127.0.0.1" .value=${settings.node} />
      </label>
      ${hasTicket ? nothing : cookieField(settings.cookie, strings)}
      <label>
        <span>${strings.ourName} <small>${strings.optional}</small></span>
        <input part="input" name="name" spellcheck="false" autocapitalize="off" placeholder=${strings.givenByNode} .value=${settings.name} />
      </label>
      <button part="button button-primary" class="primary">${failedBefore ? strings.tryAgain : strings.connect}</button>
    </form>
  `;
}

function cookieField(cookie: string, strings: FrameStrings): TemplateResult {
  return html`
    <label>
      <span>${strings.cookie}</span>
      <input part="input" name="cookie" type="password" required autocomplete="off" .value=${cookie} />
    </label>
  `;
}

function field(data: FormData, name: keyof Answers): string {
  const value = data.get(name);
  return typeof value === "string" ? value.trim() : "";
}
