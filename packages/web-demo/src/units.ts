// Figures for people: sizes, times, counts, as the language around an element writes them.

/** The units of a duration, the largest first, with their milliseconds. */
const DURATIONS = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1_000],
] as const;
/** Of bytes, in powers of 1024. */
const PREFIXES = ["", "kilo", "mega", "giga", "tera"] as const;

/** The language of the texts inside an element: its own, or that of what is around it; ours where the page names none. */
export function langOf(element: Element): string {
  const named = element.closest<HTMLElement>("[lang]");
  const root = element.getRootNode();
  return named?.lang || (root instanceof ShadowRoot ? langOf(root.host) : "en");
}

export class Figures {
  /** As the page names it, which may be no language. */
  readonly lang: string;

  constructor(lang = "en") {
    this.lang = lang;
  }

  /** `"1,234"`; or with digits behind the point. */
  count(value: number, digits = 0): string {
    return this.text(value, digits, {});
  }

  /** `"41.2K"`. */
  compact(value: number): string {
    return this.text(value, 0, { notation: "compact", maximumSignificantDigits: 3 });
  }

  /** `"48.2 MB"`, in powers of 1024. */
  bytes(value: number): string {
    let power = 0;
    let rest = value;
    for (; rest >= 1024 && power < PREFIXES.length - 1; power++) rest /= 1024;
    // The sign of a byte alone is a word in most languages.
    const unitDisplay = power === 0 ? "long" : "short";
    return this.text(rest, power === 0 || rest >= 100 ? 0 : 1, { style: "unit", unit: `${PREFIXES[power]}byte`, unitDisplay });
  }

  /** The two largest units: `"12d 4h"`, `"3m 5s"`, `"8s"`. */
  duration(valueMs: number): string {
    const first = DURATIONS.findIndex(([, ms]) => valueMs >= ms);
    let restMs = valueMs;
    return DURATIONS.slice(first)
      .slice(0, 2)
      .map(([unit, ms]) => {
        const whole = Math.floor(restMs / ms);
        restMs %= ms;
        return this.text(whole, 0, { style: "unit", unit, unitDisplay: "narrow" });
      })
      .join(" ");
  }

  /** `"0.4 ms"`, `"18 ms"`. */
  milliseconds(value: number): string {
    return this.text(value, value < 10 ? 1 : 0, { style: "unit", unit: "millisecond" });
  }

  /** A page may name a language that is none. */
  protected format(options: Intl.NumberFormatOptions): Intl.NumberFormat {
    try {
      return new Intl.NumberFormat(this.lang, options);
    } catch {
      return new Intl.NumberFormat("en", options);
    }
  }

  protected text(value: number, digits: number, options: Intl.NumberFormatOptions): string {
    return this.format({ minimumFractionDigits: digits, maximumFractionDigits: digits, ...options }).format(value);
  }
}
