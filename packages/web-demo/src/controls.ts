// What all elements look like: text, fields, buttons, focus. A title is no heading: what level it would have is the page's to say. Where
// colours are forced they are the person's, so what colour says is said by borders. Comments stand here, since those in a style sheet are
// sent to the page. What Erlang writes, pids and terms, runs from left to right in every language.
import { type CSSResult, css } from "lit";

export const controls: CSSResult = css`
  p,
  ol,
  dl,
  dd {
    margin: 0;
    padding: 0;
  }

  .title {
    font-size: 0.9375rem;
    font-weight: 600;
  }

  code,
  .mono,
  .node,
  .own-name {
    direction: ltr;
    unicode-bidi: isolate;
    font-family: var(--_font-mono);
    font-size: 0.875em;
  }

  small,
  .hint {
    color: var(--_muted);
    font-size: 0.875em;
  }

  button,
  input,
  select {
    box-sizing: border-box;
    min-height: var(--_density-control, 2.25rem);
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
    background: var(--_surface);
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

  .visually-hidden {
    position: absolute;
    width: 1px;
    height: 1px;
    margin: 0;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }

  @media (forced-colors: active) {
    button.primary {
      border-color: ButtonText;
      background: ButtonFace;
      color: ButtonText;
    }

    [role="tab"][aria-selected="true"] {
      border: 3px double Highlight;
      font-weight: 600;
    }
  }

  @media (prefers-reduced-motion: no-preference) {
    button {
      transition: background-color 0.1s;
    }
  }
`;
