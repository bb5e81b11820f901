// What the terminal's elements need to lie where they should. The terminal itself brings only what depends on its size and colours.
import { type CSSResult, css } from "lit";

export const terminalStyles: CSSResult = css`
  .xterm {
    position: relative;
    height: 100%;
    user-select: none;
    cursor: text;
  }

  /* The frame around shows the focus. */
  .xterm:focus-visible,
  .xterm :focus-visible {
    outline: none;
  }

  .xterm .xterm-helpers {
    position: absolute;
    top: 0;
    z-index: 5;
  }

  .xterm .xterm-helper-textarea {
    position: absolute;
    inset-inline-start: -9999em;
    top: 0;
    z-index: -5;
    width: 0;
    height: 0;
    min-height: 0;
    margin: 0;
    padding: 0;
    overflow: hidden;
    border: 0;
    opacity: 0;
    resize: none;
    white-space: nowrap;
  }

  .xterm .composition-view {
    position: absolute;
    z-index: 1;
    display: none;
    background: var(--_surface);
    color: var(--_text);
    white-space: nowrap;
  }

  .xterm .composition-view.active {
    display: block;
  }

  .xterm .xterm-viewport {
    position: absolute;
    inset: 0;
    overflow-y: hidden;
    background: transparent;
    cursor: default;
  }

  .xterm .xterm-screen {
    position: relative;
  }

  .xterm .xterm-screen canvas {
    position: absolute;
    inset-block-start: 0;
    inset-inline-start: 0;
  }

  .xterm-char-measure-element {
    position: absolute;
    top: 0;
    left: -9999em;
    display: inline-block;
    visibility: hidden;
    line-height: normal;
  }

  .xterm .xterm-accessibility:not(.debug),
  .xterm .xterm-message {
    position: absolute;
    inset: 0;
    z-index: 10;
    color: transparent;
    pointer-events: none;
  }

  .xterm .live-region {
    position: absolute;
    left: -9999px;
    width: 1px;
    height: 1px;
    overflow: hidden;
  }

  .xterm .xterm-decoration-container .xterm-decoration {
    position: absolute;
    z-index: 6;
  }

  .xterm .xterm-decoration-overview-ruler {
    position: absolute;
    top: 0;
    right: 0;
    z-index: 8;
    pointer-events: none;
  }

  .xterm .xterm-scrollable-element > .scrollbar {
    cursor: default;
  }

  .xterm .xterm-scrollable-element > .scrollbar > .slider {
    background: color-mix(in oklab, var(--_text), transparent 75%);
  }

  .xterm .xterm-scrollable-element > .scrollbar > .slider:hover,
  .xterm .xterm-scrollable-element > .scrollbar > .slider.active {
    background: color-mix(in oklab, var(--_text), transparent 55%);
  }

  .xterm .xterm-scrollable-element > .visible {
    opacity: 1;
    z-index: 11;
  }

  .xterm .xterm-scrollable-element > .invisible {
    opacity: 0;
    pointer-events: none;
  }

  .xterm-underline-1 {
    text-decoration: underline;
  }
`;
