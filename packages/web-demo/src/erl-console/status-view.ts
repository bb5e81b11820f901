import { html, nothing, type TemplateResult } from "lit";
import type { ConnectionState, Settings, Step } from "../connection/connection-state.ts";
import type { Failure } from "../connection/failure.ts";

/** The state in sentences, in one live region, so that a screen reader hears every change once. */
export function statusView(state: ConnectionState, settings: Settings, reconnect: () => void): TemplateResult {
  const isNews = state.type === "connected" && state.restarted;
  return html`<div part="status" class="status ${state.type} ${isNews ? "news" : ""}" role="status">${content(state, settings, reconnect)}</div>`;
}

function content(state: ConnectionState, settings: Settings, reconnect: () => void): TemplateResult {
  switch (state.type) {
    case "disconnected":
      return settings.bridge === "" || settings.node === ""
        ? html`<p>Name a bridge and a node. A bridge carries this page's bytes to Erlang: <code>erl-bridge --dev app@127.0.0.1</code></p>`
        : html`<p>Ready to connect to ${settings.node}.</p>`;
    case "connecting":
      return html`${state.failure === undefined ? nothing : failureView(state.failure)}${steps(state.step, settings)}`;
    case "connected":
      return html`
        <p>Connected to ${state.peer} as ${state.name}.</p>
        ${state.restarted ? html`<p>The node was restarted meanwhile: its processes are others, and pids from before mean nothing any more.</p>` : nothing}
      `;
    case "failed":
      return failureView(state.failure);
    case "waiting":
      return html`
        ${failureView(state.failure)}
        <p class="again">
          Trying again in ${(state.delayMs / 1000).toFixed(1)} s.
          <button part="button" type="button" @click=${reconnect}>Reconnect now</button>
        </p>
      `;
    default:
      return state satisfies never;
  }
}

function failureView(failure: Failure): TemplateResult {
  return html`
    <div part="failure" class="failure" data-code=${failure.code}>
      <strong>${failure.title}</strong>
      <p>${failure.detail}</p>
      <p class="hint">${failure.hint}</p>
    </div>
  `;
}

const STEPS: readonly { readonly step: Step; readonly words: (settings: Settings) => string }[] = [
  { step: "bridge", words: ({ bridge }) => (bridge === "" ? "Opening the way" : `Opening ${bridge}`) },
  { step: "handshake", words: ({ node }) => `Shaking hands with ${node}` },
];

function steps(current: Step, settings: Settings): TemplateResult {
  return html`
    <ol part="steps" class="steps">
      ${STEPS.map(({ step, words }) => html`<li aria-current=${step === current ? "step" : "false"}>${words(settings)}</li>`)}
    </ol>
  `;
}
