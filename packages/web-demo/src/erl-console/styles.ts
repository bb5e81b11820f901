import { type CSSResult, css } from "lit";

export const styles: CSSResult = css`
  :host {
    display: block;
    container-type: inline-size;
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

  h3,
  p,
  ol,
  dl,
  dd {
    margin: 0;
    padding: 0;
  }

  h3 {
    font-size: 0.9375rem;
    font-weight: 600;
  }

  code,
  .mono,
  .node,
  .own-name {
    font-family: var(--_font-mono);
    font-size: 0.875em;
  }

  small,
  .hint {
    color: var(--_muted);
    font-size: 0.875em;
  }

  /* Controls */

  button,
  input,
  select {
    box-sizing: border-box;
    min-height: 2.25rem;
    border: 1px solid var(--_field-border);
    border-radius: var(--_radius-small);
    background: var(--_surface);
    color: inherit;
    font: inherit;
  }

  input,
  select {
    width: 100%;
    padding: 0.25rem 0.625rem;
  }

  input.mono,
  select.mono {
    font-family: var(--_font-mono);
    font-size: 0.875rem;
  }

  input::placeholder {
    color: var(--_muted);
    opacity: 1;
  }

  button {
    padding: 0.25rem 0.875rem;
    background: var(--_surface);
    font-weight: 500;
    white-space: nowrap;
    cursor: pointer;
  }

  button:hover:enabled {
    background: var(--_surface-3);
  }

  button.primary {
    border-color: var(--_accent);
    background: var(--_accent);
    color: var(--_on-accent);
  }

  button.primary:hover:enabled {
    background: color-mix(in oklab, var(--_accent), var(--_text) 15%);
  }

  button:disabled {
    border-color: var(--_border);
    color: var(--_muted);
    cursor: default;
  }

  :focus-visible {
    outline: 2px solid var(--_accent);
    outline-offset: 2px;
  }

  label {
    display: grid;
    gap: 0.25rem;
    align-content: start;
  }

  label > span:first-child {
    color: var(--_muted);
    font-size: 0.8125rem;
    font-weight: 500;
  }

  [aria-invalid="true"] {
    border-color: var(--_danger);
  }

  .problem {
    margin-top: -0.5rem;
    color: var(--_danger);
    font-size: 0.8125rem;
  }

  .problem:empty {
    display: none;
  }

  /* Header */

  .header {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.5rem 1rem;
    min-height: 2.25rem;
    padding: 0.75rem 1rem;
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

  .state.connected .dot {
    background: currentColor;
  }

  .state.connecting,
  .state.waiting {
    color: var(--_warn);
  }

  .state.failed {
    color: var(--_danger);
  }

  .state.failed .dot {
    border-radius: 0;
    background: currentColor;
  }

  .node {
    overflow-wrap: anywhere;
    font-weight: 600;
  }

  .facts {
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

  .actions {
    display: flex;
    gap: 0.5rem;
    margin-inline-start: auto;
  }

  /* Status */

  .status {
    display: grid;
    gap: 0.5rem;
    padding: 0.75rem 1rem;
  }

  /* The header shows it already; this is for those who listen. */
  .status.connected {
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

  /* Connecting by hand */

  .connect-form {
    display: grid;
    grid-template-columns: repeat(2, minmax(0, 1fr));
    gap: 0.875rem 1rem;
    padding: 0.25rem 1rem 1rem;
  }

  .connect-form button {
    justify-self: start;
  }

  /* Sending and receiving */

  .body {
    display: grid;
    grid-template-columns: minmax(15rem, 20rem) minmax(0, 1fr);
  }

  .body.without-sending {
    grid-template-columns: minmax(0, 1fr);
    border-top: 1px solid var(--_border);
  }

  .send-form {
    display: grid;
    gap: 0.875rem;
    align-content: start;
    padding: 1rem;
    border-inline-end: 1px solid var(--_border);
  }

  .send-form button {
    justify-self: start;
  }

  .messages {
    display: flex;
    flex-direction: column;
    min-width: 0;
  }

  .messages-head {
    display: flex;
    align-items: center;
    justify-content: space-between;
    padding: 0.5rem 1rem;
  }

  .log {
    flex: 1 0 auto;
    height: var(--erl-log-height, 17rem);
    overflow: auto;
    border-top: 1px solid var(--_border);
    background: var(--_surface-2);
  }

  .without-sending .log {
    height: auto;
    max-height: var(--erl-log-height, 17rem);
  }

  .log:focus-visible {
    outline-offset: -2px;
  }

  .log ol {
    list-style: none;
  }

  .empty {
    padding: 1.5rem 1rem;
    color: var(--_muted);
    text-align: center;
  }

  .entry {
    display: grid;
    grid-template-columns: auto 10rem minmax(0, 1fr);
    gap: 0 0.875rem;
    align-items: baseline;
    padding: 0.375rem 1rem;
    font-size: 0.875rem;
  }

  .entry + .entry {
    border-top: 1px solid var(--_border);
  }

  .entry time {
    color: var(--_muted);
    font-variant-numeric: tabular-nums;
  }

  .entry .party {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }

  .entry .way {
    color: var(--_muted);
  }

  .entry .term {
    overflow-wrap: anywhere;
    white-space: pre-wrap;
  }

  .entry.received .term {
    font-weight: 600;
  }

  .invitation {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.375rem 0.625rem;
    padding: 0.625rem 1rem;
    border-top: 1px solid var(--_border);
  }

  .invitation code {
    overflow-wrap: anywhere;
  }

  .invitation button {
    margin-inline-start: auto;
  }

  @container (max-width: 46rem) {
    .body {
      grid-template-columns: minmax(0, 1fr);
    }

    .send-form {
      border-inline-end: 0;
      border-bottom: 1px solid var(--_border);
    }
  }

  @container (max-width: 30rem) {
    .connect-form {
      grid-template-columns: minmax(0, 1fr);
    }

    .actions {
      width: 100%;
    }

    .actions button {
      flex: 1;
    }

    .entry {
      grid-template-columns: minmax(0, 1fr) auto;
    }

    .entry .party {
      order: -1;
    }

    .entry .term {
      grid-column: 1 / -1;
    }
  }
`;
