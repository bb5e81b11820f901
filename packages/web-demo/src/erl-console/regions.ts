// Where F6 leads: the parts of the console marked `data-region`, and tables, through all shadow trees, in the order of the document.

const REGION = "[data-region], erl-grid";
const FOCUSABLE = 'button:not(:disabled), input:not(:disabled), select:not(:disabled), textarea, [tabindex="0"]';

/** Every element that the selector takes and that can be seen, shadow trees included. */
export function deepAll(root: ParentNode, selector: string): HTMLElement[] {
  return [...root.querySelectorAll<HTMLElement>("*")].flatMap((element) => [
    ...(element.matches(selector) && element.checkVisibility() ? [element] : []),
    ...(element.shadowRoot === null ? [] : deepAll(element.shadowRoot, selector)),
  ]);
}

/** The focus goes to the next region, or to the one before; behind the last comes the first. */
export function moveToRegion(root: ShadowRoot, step: 1 | -1): void {
  const regions = deepAll(root, REGION).filter((region) => target(region) !== undefined);
  const focused = deepActive(root);
  const now = regions.findLastIndex((region) => focused !== undefined && containsDeep(region, focused));
  const next = regions[(now + step + regions.length) % regions.length] ?? regions[0];
  if (next !== undefined) target(next)?.focus();
}

function target(region: HTMLElement): HTMLElement | undefined {
  // A table knows which of its rows had the focus.
  if (region.localName === "erl-grid") return region;
  const inside = [...region.querySelectorAll<HTMLElement>(FOCUSABLE)].find(
    (element) => element.checkVisibility() && element.tabIndex >= 0,
  );
  const takesKeys = deepAll(region, "[data-takes-keys]")[0];
  return takesKeys ?? inside ?? (region.tabIndex >= 0 ? region : undefined);
}

function deepActive(root: ShadowRoot): Element | undefined {
  let active = root.activeElement;
  while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
  return active ?? undefined;
}

function containsDeep(region: Node, element: Element): boolean {
  for (
    let node: Node | null = element;
    node !== null;
    node = node.parentNode ?? (node instanceof ShadowRoot ? node.host : null)
  ) {
    if (node === region) return true;
  }
  return false;
}
