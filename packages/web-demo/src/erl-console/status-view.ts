import { html, nothing, type TemplateResult } from "lit";
import type { ConnectionState, Settings, Step } from "../connection/connection-state.ts";
import type { Failure } from "../connection/failure.ts";
import { filled, type Strings } from "../strings.ts";

export interface StatusModel {
  readonly state: ConnectionState;
  readonly settings: Settings;
  readonly strings: Strings;
  readonly reconnect: () => void;
}

/** The state in sentences, in one live region, so that a screen reader hears every change once. */
export function statusView(model: StatusModel): TemplateResult {
  const { state } = model;
  const isNews = state.type === "connected" && state.restarted;
  return html`<div part="status" class="status ${state.type} ${isNews ? "news" : ""}" role="status">${content(model)}</div>`;
}

function content({ state, settings, strings, reconnect }: StatusModel): TemplateResult {
  switch (state.type) {
    case "disconnected":
      return settings.bridge === "" || settings.node === ""
        ? html`<p>${strings.nameBridgeAndNode} <code>erl-bridge --dev app@127.0.0.1</code></p>`
        : html`<p>${filled(strings.readyToConnect, { node: settings.node })}</p>`;
    case "connecting":
      return html`${state.failure === undefined ? nothing : failureView(state.failure)}${steps(state.step, settings, strings)}`;
    case "connected":
      return html`
        <p>${filled(strings.connectedTo, { node: state.peer, name: state.name })}</p>
        ${state.restarted ? html`<p>${strings.restarted}</p>` : nothing}
      `;
    case "failed":
      return failureView(state.failure);
    case "waiting":
      return html`
        ${failureView(state.failure)}
        <p class="again">
          ${filled(strings.tryingAgain, { seconds: (state.delayMs / 1000).toFixed(1) })}
          <button part="button" type="button" @click=${reconnect}>${strings.reconnectNow}</button>
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

const STEPS: readonly { readonly step: Step; readonly words: (settings: Settings, strings: Strings) => string }[] = [
  {
    step: "bridge",
    words: ({ bridge }, strings) => (bridge === "" ? strings.openingWay : filled(strings.opening, { bridge })),
  },
  { step: "handshake", words: ({ node }, strings) => filled(strings.shakingHands, { node }) },
];

function steps(current: Step, settings: Settings, strings: Strings): TemplateResult {
  return html`
    <ol part="steps" class="steps">
      ${STEPS.map(({ step, words }) => html`<li aria-current=${step === current ? "step" : "false"}>${words(settings, strings)}</li>`)}
    </ol>
  `;
}
