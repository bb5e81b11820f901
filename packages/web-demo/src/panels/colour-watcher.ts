// When the colours of an element change: by its theme, by the color-scheme around it, or by a custom property of the page. What is drawn
// on a canvas does not follow by itself, and no event tells of it; but the end of a transition that lasts no time does.
import type { ReactiveController, ReactiveControllerHost } from "lit";

type Host = ReactiveControllerHost & HTMLElement & { readonly renderRoot: HTMLElement | DocumentFragment };

export class ColourWatcher implements ReactiveController {
  readonly #host: Host;
  readonly #changed: () => void;
  readonly #shadows: string;
  #probe: HTMLElement | undefined;
  #isShown = false;
  #forced: MediaQueryList | undefined;
  #resized: ResizeObserver | undefined;

  /** `names` are those of tokens: `"surface"` for `--_surface`. */
  constructor(host: Host, names: readonly string[], changed: () => void) {
    this.#host = host;
    this.#changed = changed;
    // Shadows, because they are one property that takes as many colours as there are.
    this.#shadows = names.map((name) => `0 0 var(--_${name})`).join();
  }

  hostConnected(): void {
    // Shadows are not drawn in forced colours, so that they do not tell of them.
    this.#forced = matchMedia("(forced-colors: active)");
    this.#forced.addEventListener("change", this.#changed);
    // Nothing changes gradually where nothing is shown.
    this.#resized = new ResizeObserver(() => {
      const isShown = this.#host.clientWidth > 0;
      if (isShown && !this.#isShown) this.#changed();
      this.#isShown = isShown;
    });
    this.#resized.observe(this.#host);
  }

  hostDisconnected(): void {
    this.#resized?.disconnect();
    this.#forced?.removeEventListener("change", this.#changed);
  }

  hostUpdated(): void {
    if (this.#probe !== undefined) return;
    const probe = document.createElement("span");
    probe.ariaHidden = "true";
    // In the document and as wide as nothing; the smallest time that is a transition, so that its event comes.
    probe.style.cssText = `position: absolute; visibility: hidden; box-shadow: ${this.#shadows}; transition: box-shadow 1ms`;
    probe.addEventListener("transitionend", this.#changed);
    this.#host.renderRoot.append(probe);
    this.#probe = probe;
  }
}
