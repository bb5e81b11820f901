import { type CSSResult, css } from "lit";

export const styles: CSSResult = css`
  :host {
    --_ansi-0: var(--erl-ansi-0, light-dark(#1c1e24, #3a3f4b));
    --_ansi-1: var(--erl-ansi-1, light-dark(#b3261e, #ff8a80));
    --_ansi-2: var(--erl-ansi-2, light-dark(#17703a, #6fd394));
    --_ansi-3: var(--erl-ansi-3, light-dark(#8a5300, #f3b95f));
    --_ansi-4: var(--erl-ansi-4, light-dark(#1d5fa8, #7cb7ff));
    --_ansi-5: var(--erl-ansi-5, light-dark(#8e24aa, #d79bf0));
    --_ansi-6: var(--erl-ansi-6, light-dark(#00696b, #6fd3d3));
    --_ansi-7: var(--erl-ansi-7, light-dark(#5c6070, #c9cdd8));
    --_ansi-8: var(--erl-ansi-8, light-dark(#5c6070, #8b91a1));
    --_ansi-9: var(--erl-ansi-9, light-dark(#d0342c, #ffb3ab));
    --_ansi-10: var(--erl-ansi-10, light-dark(#1f8a49, #9be5b6));
    --_ansi-11: var(--erl-ansi-11, light-dark(#a56400, #ffd591));
    --_ansi-12: var(--erl-ansi-12, light-dark(#2a78d0, #a9d0ff));
    --_ansi-13: var(--erl-ansi-13, light-dark(#a63fc2, #e7c0f7));
    --_ansi-14: var(--erl-ansi-14, light-dark(#008284, #a3e8e8));
    --_ansi-15: var(--erl-ansi-15, light-dark(#3a3f4b, #ffffff));
  }

  .sessions {
    display: flex;
    flex-wrap: wrap;
    gap: 0.25rem;
    align-items: center;
  }

  [role="tablist"] {
    display: flex;
    flex-wrap: wrap;
    gap: 0.25rem;
  }

  [role="tab"][aria-selected="true"],
  button[aria-pressed="true"] {
    border-color: var(--_accent);
    color: var(--_accent);
    font-weight: 600;
  }

  .session {
    display: flex;
    flex: 1;
    flex-direction: column;
    min-height: 0;
  }

  .session[hidden] {
    display: none;
  }

  .frame {
    position: relative;
    flex: 1;
    min-height: 0;
    padding: 0.5rem 0 0 0.75rem;
    overflow: hidden;
    font-family: var(--_font-mono);
  }

  /* Above what the terminal has in it: its scroll bar would cover an outline. */
  .frame:focus-within::after {
    position: absolute;
    z-index: 20;
    inset: 0;
    border: 2px solid var(--_accent);
    pointer-events: none;
    content: "";
  }

  .lost .frame,
  .lost .log {
    opacity: 0.75;
  }

  .status {
    margin: 0;
    padding: 0.25rem 0.75rem;
    border-top: 1px solid var(--_border);
    color: var(--_muted);
    font-size: 0.8125rem;
  }

  .keys {
    display: none;
    flex-wrap: wrap;
    gap: 0.375rem;
    padding: 0.375rem 0.75rem;
    border-top: 1px solid var(--_border);
  }

  .keys button {
    min-width: 2.75rem;
    padding: 0 0.5rem;
  }

  @media (pointer: coarse) {
    .keys {
      display: flex;
    }
  }

  @container (max-width: 40rem) {
    .keys {
      display: flex;
    }
  }

  .lines {
    display: flex;
    flex: 1;
    flex-direction: column;
    min-height: 0;
  }

  .lines .log {
    flex: 1;
    min-height: 4rem;
    padding: 0.5rem 0.75rem;
    overflow: auto;
    background: var(--_surface-2);
  }

  .lines .log:focus-visible {
    outline-offset: -2px;
  }

  .lines pre {
    margin: 0;
    font: 0.875rem / 1.5 var(--_font-mono);
    overflow-wrap: anywhere;
    white-space: pre-wrap;
  }

  .lines .typed {
    color: var(--_accent);
    font-weight: 600;
  }

  .lines .note {
    padding: 0.25rem 0;
    color: var(--_muted);
    text-align: start;
    font-style: italic;
  }

  .entry {
    display: flex;
    flex-wrap: wrap;
    gap: 0.5rem;
    align-items: flex-end;
    padding: 0.5rem 0.75rem;
    border-top: 1px solid var(--_border);
  }

  .entry label {
    flex: 1 1 16rem;
  }

  .entry .prompt {
    font-family: var(--_font-mono);
  }

  .entry .buttons {
    display: flex;
    gap: 0.375rem;
  }

  dialog textarea {
    min-height: 12rem;
    margin-top: 0.5rem;
  }

  textarea {
    box-sizing: border-box;
    width: 100%;
    padding: 0.375rem 0.625rem;
    border: 1px solid var(--_field-border);
    border-radius: var(--_radius-small);
    background: var(--_surface);
    color: inherit;
    font: 0.875rem / 1.5 var(--_font-mono);
    resize: vertical;
  }
`;
