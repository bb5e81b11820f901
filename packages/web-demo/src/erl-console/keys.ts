// What the keyboard does in the console, as one map; a page may put keys of its own in the place of ours (`keys`). Keys count only while
// the focus is inside, and those without Ctrl or Alt only where nothing is being typed. What they mean in words is in key-titles.ts.

/** `press` presses a control of the open panel that has these keys as its data-key; `panel-1` is the first panel. */
export type Command = "next-region" | "previous-region" | "palette" | "help" | "filter" | "drawer" | "press" | `panel-${number}`;

/** Keys as they are shown and compared: `Ctrl+K`, `Shift+F6`, `/`. */
export const KEYS: Readonly<Record<string, Command>> = {
  F6: "next-region",
  "Shift+F6": "previous-region",
  "Ctrl+Shift+F6": "previous-region",
  "Ctrl+K": "palette",
  "Ctrl+`": "drawer",
  "?": "help",
  "/": "filter",
  ...Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`Alt+${index + 1}`, `panel-${index + 1}`] as const)),
  r: "press",
  p: "press",
  t: "press",
  g: "press",
  Delete: "press",
  Escape: "press",
};

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
