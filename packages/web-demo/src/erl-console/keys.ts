// What the keyboard does in the console, as one map; a page can put its own in its place. Keys count only while the focus is inside,
// and those without Ctrl or Alt only where nothing is being typed.

export type Command =
  | "next-region"
  | "previous-region"
  | "palette"
  | "help"
  | "filter"
  | "drawer"
  | { readonly panel: number }
  /** A control of the open panel, by its data-key. */
  | { readonly press: string };

export interface KeyBinding {
  /** As shown, and as compared: `Ctrl+K`, `Shift+F6`, `/`. */
  readonly keys: string;
  readonly title: string;
  readonly command: Command;
}

export const KEYS: readonly KeyBinding[] = [
  { keys: "F6", title: "Next region", command: "next-region" },
  { keys: "Shift+F6", title: "Previous region", command: "previous-region" },
  { keys: "Ctrl+Shift+F6", title: "Previous region, from a terminal too", command: "previous-region" },
  { keys: "Ctrl+K", title: "Commands", command: "palette" },
  { keys: "Ctrl+`", title: "The shell below the open panel, from a terminal too", command: "drawer" },
  { keys: "?", title: "What the keyboard does", command: "help" },
  { keys: "/", title: "Filter", command: "filter" },
  ...Array.from({ length: 9 }, (_, index) => ({
    keys: `Alt+${index + 1}`,
    title: `Panel ${index + 1}`,
    command: { panel: index },
  })),
  { keys: "r", title: "Refresh", command: { press: "r" } },
  { keys: "p", title: "Pause, go on", command: { press: "p" } },
  { keys: "g", title: "Collect the garbage of the process", command: { press: "g" } },
  { keys: "Delete", title: "Kill the process", command: { press: "Delete" } },
  { keys: "Escape", title: "Close what is open", command: { press: "Escape" } },
];

/** The keys of an event as a binding names them. ⌘ counts as Ctrl. */
export function keysOf({ key, ctrlKey, metaKey, altKey, shiftKey, code }: KeyboardEvent): string {
  // With Alt some keyboards give other characters, which the key's own name still tells.
  const digit = altKey ? /^Digit(\d)$/.exec(code)?.[1] : undefined;
  const name = digit ?? (key.length === 1 && (ctrlKey || metaKey) ? key.toUpperCase() : key);
  // A character has its Shift in it.
  const shift = shiftKey && name.length > 1 ? "Shift+" : "";
  return `${ctrlKey || metaKey ? "Ctrl+" : ""}${altKey ? "Alt+" : ""}${shift}${name}`;
}

/** Whether the keys are typed into something. */
export function isTyping(event: KeyboardEvent): boolean {
  const [target] = event.composedPath();
  if (!(target instanceof HTMLElement)) return false;
  const inputType = target instanceof HTMLInputElement ? target.type : undefined;
  const isText = inputType !== undefined && !["checkbox", "radio", "button"].includes(inputType);
  return isText || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target.isContentEditable;
}

/** Whether they belong to an element that takes all of them, as a terminal does; it leaves F6. */
export function isTaken(event: KeyboardEvent): boolean {
  return event.composedPath().some((each) => each instanceof HTMLElement && each.hasAttribute("data-takes-keys"));
}
