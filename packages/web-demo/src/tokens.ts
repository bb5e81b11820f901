// Every colour, font and radius, as a custom property that the page may set; both themes from light-dark(), which follows
// the color-scheme that the element inherits or its `theme` attribute sets. Text pairs keep a contrast of at least 4.5.
import { type CSSResult, css } from "lit";

export const tokens: CSSResult = css`
  :host {
    --_font-ui: var(--erl-font-ui, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif);
    --_font-mono: var(--erl-font-mono, ui-monospace, "SF Mono", "Cascadia Code", Menlo, Consolas, monospace);
    --_surface: var(--erl-surface, light-dark(#ffffff, #16181d));
    --_surface-2: var(--erl-surface-2, light-dark(#f6f6f8, #1d2027));
    --_surface-3: var(--erl-surface-3, light-dark(#ebecf0, #2a2e38));
    --_text: var(--erl-text, light-dark(#1c1e24, #e7e9ee));
    --_muted: var(--erl-text-muted, light-dark(#5c6070, #a0a6b6));
    --_border: var(--erl-border, light-dark(#d9dbe2, #343946));
    --_field-border: var(--erl-field-border, light-dark(#868b9a, #6d7486));
    --_accent: var(--erl-accent, light-dark(#a90533, #ff8ba3));
    --_on-accent: var(--erl-on-accent, light-dark(#ffffff, #2b0611));
    --_danger: var(--erl-danger, light-dark(#b3261e, #ff9a8f));
    --_warn: var(--erl-warn, light-dark(#8a5300, #f3b95f));
    --_ok: var(--erl-ok, light-dark(#17703a, #6fd394));
    --_radius: var(--erl-radius, 10px);
    --_radius-small: calc(var(--_radius) * 0.6);
  }

  /* What is inside takes these from here. */
  :host([density="compact"]) {
    --_density-row: 1.5rem;
    --_density-control: 1.625rem;
    --_density-space: 0.25rem;
  }

  :host([theme="light"]) {
    color-scheme: light;
  }

  :host([theme="dark"]) {
    color-scheme: dark;
  }
`;
