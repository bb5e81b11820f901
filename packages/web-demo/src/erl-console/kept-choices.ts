// What a person has chosen in a console and the browser keeps for the next visit, where the page has named a key for it.

export interface Choices {
  readonly panel: string;
  readonly theme: "auto" | "light" | "dark";
  readonly density: "comfortable" | "compact";
  readonly drawer: boolean;
}

export const CHOICES: readonly (keyof Choices)[] = ["panel", "theme", "density", "drawer"];

const THEMES: ReadonlySet<unknown> = new Set(["auto", "light", "dark"]);
const DENSITIES: ReadonlySet<unknown> = new Set(["comfortable", "compact"]);

export function keepChoices(key: string, { panel, theme, density, drawer }: Choices): void {
  try {
    localStorage.setItem(key, JSON.stringify({ panel, theme, density, drawer }));
  } catch {
    // A browser may let a page keep nothing, or no more; then the next visit begins as the first.
  }
}

/** Those that are there and good: whatever else is under that key is ignored. */
export function keptChoices(key: string): Partial<Choices> {
  try {
    // `null` where nothing is kept.
    const kept = JSON.parse(localStorage.getItem(key) ?? "{}") as Partial<Record<keyof Choices, unknown>> | null;
    const { panel, theme, density, drawer } = kept ?? {};
    return {
      ...(typeof panel === "string" ? { panel } : {}),
      ...(isTheme(theme) ? { theme } : {}),
      ...(isDensity(density) ? { density } : {}),
      ...(typeof drawer === "boolean" ? { drawer } : {}),
    };
  } catch {
    // Not to be read, or no JSON: nothing of ours.
    return {};
  }
}

function isTheme(value: unknown): value is Choices["theme"] {
  return THEMES.has(value);
}

function isDensity(value: unknown): value is Choices["density"] {
  return DENSITIES.has(value);
}
