import { html, nothing, type TemplateResult } from "lit";
import { type ConnectionState, STATE_WORDS } from "./connection-state.ts";

export interface HeaderModel {
  readonly state: ConnectionState;
  readonly node: string;
  /** Last round trip in milliseconds; `"pang"` when the ping failed; undefined before the first. */
  readonly roundTrip: number | "pang" | undefined;
  readonly ping: () => void;
  readonly disconnect: () => void;
}

/** State, the two nodes, the round trip, and what can be done with the connection. */
export function headerView(model: HeaderModel): TemplateResult {
  const { state } = model;
  return html`
    <header part="header" class="header">
      <span part="state" class="state ${state.type}"><span class="dot" aria-hidden="true"></span>${STATE_WORDS[state.type]}</span>
      <span part="node" class="node">${model.node === "" ? "no node" : model.node}</span>
      ${state.type === "connected" ? facts(state.name, model.roundTrip) : nothing}
      <span class="actions">
        ${state.type === "connected" ? html`<button part="button" type="button" @click=${model.ping}>Ping</button>` : nothing}
        ${
          endLabel(state) === undefined
            ? nothing
            : html`<button part="button" type="button" @click=${model.disconnect}>${endLabel(state)}</button>`
        }
      </span>
    </header>
  `;
}

function facts(name: string, roundTrip: HeaderModel["roundTrip"]): TemplateResult {
  return html`
    <dl class="facts">
      <div><dt>This page is</dt><dd class="own-name">${name}</dd></div>
      <div><dt>Round trip</dt><dd class="round-trip">${roundTripText(roundTrip)}</dd></div>
    </dl>
  `;
}

function roundTripText(roundTrip: HeaderModel["roundTrip"]): string {
  if (roundTrip === undefined) return "–";
  if (roundTrip === "pang") return "pang";
  return `${roundTrip.toFixed(roundTrip < 10 ? 1 : 0)} ms`;
}

function endLabel(state: ConnectionState): string | undefined {
  switch (state.type) {
    case "connected":
      return "Disconnect";
    case "connecting":
      return "Cancel";
    case "waiting":
      return "Stop";
    case "disconnected":
    case "failed":
      return undefined;
    default:
      return state satisfies never;
  }
}
