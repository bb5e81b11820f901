// What a panel says: the tables of English texts, with the words of the page where it has some, and figures as its language writes them.
import { filled } from "./filled.ts";
import { type PluralKey } from "./strings.ts";
import { Figures } from "./units.ts";

export type Table<Key extends string> = Readonly<Record<Key, string>>;

export class Words<Key extends string> extends Figures {
  readonly #texts: Readonly<Partial<Record<string, string>>>;
  readonly #plurals: Intl.PluralRules;
  readonly #numbers = new Map<string, Intl.NumberFormat>();
  readonly #times = new Map<string, Intl.DateTimeFormat>();

  constructor(lang: string, table: Table<Key>, own: Readonly<Partial<Record<string, string>>> = {}) {
    super(isLanguage(lang) ? lang : "en");
    this.#texts = { ...table, ...own };
    this.#plurals = new Intl.PluralRules(this.lang);
  }

  /** A text of the table, with values in its braces. */
  say(key: Key, values: Readonly<Record<string, string>> = {}): string {
    return filled(this.#texts[key] ?? key, values);
  }

  /** A sentence with a number, `{count}`, in the form that the language has for it: key `"events"` stands for `"events_one"` and others. */
  many(key: PluralKey<Key>, count: number, values: Readonly<Record<string, string>> = {}): string {
    const text = this.#texts[`${key}_${this.#plurals.select(count)}`] ?? this.#texts[`${key}_other`] ?? key;
    return filled(text, { count: this.count(count), ...values });
  }

  /** A text of the page's own; undefined where it has none for the key. */
  known(key: string): string | undefined {
    return this.#texts[key];
  }

  /** `"0.4%"`. */
  percent(fraction: number): string {
    return this.text(fraction, fraction < 0.1 ? 1 : 0, { style: "percent" });
  }

  /** `"14:03:22"`, as logs have it; without seconds where `minutes` is set. */
  time(at: Date | number, { minutes = false }: { readonly minutes?: boolean } = {}): string {
    const key = String(minutes);
    let format = this.#times.get(key);
    if (format === undefined) {
      const second = minutes ? undefined : "2-digit";
      format = new Intl.DateTimeFormat(this.lang, { hour: "2-digit", minute: "2-digit", second, hourCycle: "h23" });
      this.#times.set(key, format);
    }
    return format.format(at);
  }

  /** Formats are dear to make, and a table needs the same ones for each cell. */
  protected override format(options: Intl.NumberFormatOptions): Intl.NumberFormat {
    const key = JSON.stringify(options);
    let format = this.#numbers.get(key);
    if (format === undefined) this.#numbers.set(key, (format = super.format(options)));
    return format;
  }
}

/** Made once for the same words, such as the columns of a table. */
export function perWords<Key extends string, Made>(make: (words: Words<Key>) => Made): (words: Words<Key>) => Made {
  const made = new WeakMap<Words<Key>, { readonly value: Made }>();
  return (words) => {
    let known = made.get(words);
    if (known === undefined) {
      known = { value: make(words) };
      made.set(words, known);
    }
    return known.value;
  };
}

/** A page may name anything. */
function isLanguage(lang: string): boolean {
  try {
    return Intl.getCanonicalLocales(lang).length === 1;
  } catch {
    return false;
  }
}
