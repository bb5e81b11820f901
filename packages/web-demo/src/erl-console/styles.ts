// What the frame looks like: header, status, connecting by hand, and the rail with the open panel beside it. Figures in the header have room
// for what changes, so that the line does not break anew with each. The status of a connection is hidden from those who see the header, which
// says it already. `.drawer` is the shell below another panel.
import { type CSSResult, css } from "lit";

export const styles: CSSResult = css`
  :host {
    display: block;
    container-type: inline-size;
    contain-intrinsic-inline-size: 20rem;
  }

  :host([hidden]) {
    display: none;
  }

  .console {
    position: relative;
    display: flex;
    flex-direction: column;
    overflow: hidden;
    border: 1px solid var(--_border);
    border-radius: var(--_radius);
    background: var(--_surface);
    color: var(--_text);
    font: 0.9375rem / 1.5 var(--_font-ui);
  }

  .header {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: var(--_density-space, 0.5rem) 1rem;
    padding: calc(1.5 * var(--_density-space, 0.5rem)) 1rem;
    border-bottom: 1px solid var(--_border);
    background: var(--_surface-2);
  }

  .state {
    display: inline-flex;
    align-items: center;
    gap: 0.5rem;
    color: var(--_muted);
    font-weight: 600;
  }

  .dot {
    width: 0.625rem;
    height: 0.625rem;
    border: 2px solid currentColor;
    border-radius: 50%;
  }

  .state.connected {
    color: var(--_ok);
  }

  .state.connecting,
  .state.waiting {
    color: var(--_warn);
  }

  .state.failed {
    color: var(--_danger);
  }

  .state.connected .dot,
  .state.failed .dot {
    background: currentColor;
  }

  .state.failed .dot {
    border-radius: 0;
  }

  @media (forced-colors: active) {
    .state.connected .dot,
    .state.failed .dot {
      color: CanvasText;
      forced-color-adjust: none;
    }
  }

  .node {
    overflow-wrap: anywhere;
    font-weight: 600;
  }

  .facts {
    flex: 1 0 100%;
    order: 1;
    display: flex;
    flex-wrap: wrap;
    gap: 0.25rem 1.25rem;
    font-size: 0.875rem;
  }

  .facts div {
    display: flex;
    gap: 0.375rem;
    align-items: baseline;
  }

  .facts dt {
    color: var(--_muted);
  }

  .facts dd {
    overflow-wrap: anywhere;
    font-variant-numeric: tabular-nums;
  }

  .uptime,
  .round-trip,
  .memory {
    min-inline-size: 4em;
  }

  .actions {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem;
    margin-inline-start: auto;
  }

  .status {
    display: grid;
    gap: 0.5rem;
    padding: 0.75rem 1rem;
  }

  .status.connected:not(.news) {
    position: absolute;
    width: 1px;
    height: 1px;
    padding: 0;
    overflow: hidden;
    clip-path: inset(50%);
  }

  .steps {
    display: grid;
    gap: 0.25rem;
    padding-inline-start: 1.25rem;
    color: var(--_muted);
    overflow-wrap: anywhere;
  }

  .steps [aria-current="step"] {
    color: var(--_text);
    font-weight: 600;
  }

  .failure {
    padding: 0.75rem 1rem;
    border: 1px solid color-mix(in oklab, var(--_danger), transparent 60%);
    border-inline-start: 4px solid var(--_danger);
    border-radius: var(--_radius-small);
    background: color-mix(in oklab, var(--_danger), var(--_surface) 93%);
    overflow-wrap: anywhere;
  }

  .failure strong {
    color: var(--_danger);
  }

  .again {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.75rem;
  }

  .connect-form {
    display: grid;
    grid-template-columns: repeat(2, minmax(0, 1fr));
    gap: 0.875rem 1rem;
    padding: 0.25rem 1rem 1rem;
  }

  .connect-form button {
    justify-self: start;
  }

  .body {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr);
    min-height: var(--erl-panel-height, 24rem);
    border-top: 1px solid var(--_border);
  }

  .panel.drawer {
    --erl-panel-height: var(--erl-drawer-height, 18rem);

    grid-row: 2;
    border-top: 2px solid var(--_border);
  }

  .stale .panel {
    filter: grayscale(1);
  }

  .rail {
    grid-row: 1 / span 2;
    border-inline-end: 1px solid var(--_border);
    background: var(--_surface-2);
  }

  .rail [role="tablist"] {
    display: flex;
    flex-direction: column;
    gap: 0.125rem;
    padding: 0.5rem;
  }

  .rail [role="tab"] {
    min-width: 8rem;
    border-color: transparent;
    background: transparent;
    text-align: start;
  }

  .rail [role="tab"]:hover {
    background: var(--_surface-3);
  }

  .rail [role="tab"][aria-selected="true"] {
    border-color: var(--_border);
    border-inline-start: 3px solid var(--_accent);
    background: var(--_surface);
    font-weight: 600;
  }

  .chooser {
    display: none;
  }

  .panel {
    grid-column: 2;
    min-width: 0;
  }

  .body > .panel:first-child {
    grid-column: 1 / -1;
  }

  .panel[hidden] {
    display: none;
  }

  .note {
    padding: 1.5rem 1rem;
    color: var(--_muted);
  }

  .panel > .failure {
    margin: 1rem;
  }

  .badge {
    padding: 0 0.5rem;
    border: 1px solid var(--_field-border);
    border-radius: 1rem;
    color: var(--_muted);
    font-size: 0.8125rem;
  }

  @container (max-width: 40rem) {
    .body {
      grid-template-columns: minmax(0, 1fr);
      grid-template-rows: auto minmax(0, 1fr);
    }

    .panel.drawer {
      grid-row: 3;
    }

    .rail {
      grid-row: 1;
      border-inline-end: 0;
      border-bottom: 1px solid var(--_border);
    }

    .rail [role="tablist"] {
      display: none;
    }

    .chooser {
      display: flex;
      align-items: center;
      padding: 0.5rem 1rem;
    }

    .panel {
      grid-column: 1;
    }
  }

  @container (max-width: 30rem) {
    .connect-form {
      grid-template-columns: minmax(0, 1fr);
    }

    .facts {
      gap: 0 0.75rem;
      font-size: 0.8125rem;
    }

    .actions {
      width: 100%;
    }

    .actions button {
      flex: 1;
    }
  }
`;
