// Figures for people: sizes, times, counts.

const COUNT = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const COMPACT = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });
const BYTE_UNITS = ["B", "kB", "MB", "GB", "TB"] as const;
const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** `"1,234"`. */
export function count(value: number): string {
  return COUNT.format(value);
}

/** `"41.2K"`. */
export function compact(value: number): string {
  return COMPACT.format(value);
}

/** `"48.2 MB"`, in powers of 1024. */
export function bytes(value: number): string {
  let unit = 0;
  let rest = value;
  while (rest >= 1024 && unit < BYTE_UNITS.length - 1) {
    rest /= 1024;
    unit++;
  }
  return `${rest.toFixed(unit === 0 || rest >= 100 ? 0 : 1)} ${BYTE_UNITS[unit]}`;
}

/** The two largest units: `"12 d 4 h"`, `"3 min 5 s"`, `"8 s"`. */
export function duration(valueMs: number): string {
  const parts = (large: number, largeUnit: string, small: number, smallUnit: string): string =>
    `${Math.floor(valueMs / large)} ${largeUnit} ${Math.floor((valueMs % large) / small)} ${smallUnit}`;
  if (valueMs >= DAY_MS) return parts(DAY_MS, "d", HOUR_MS, "h");
  if (valueMs >= HOUR_MS) return parts(HOUR_MS, "h", MINUTE_MS, "min");
  if (valueMs >= MINUTE_MS) return parts(MINUTE_MS, "min", SECOND_MS, "s");
  return `${Math.floor(valueMs / SECOND_MS)} s`;
}

/** `"0.4 ms"`, `"18 ms"`. */
export function milliseconds(value: number): string {
  return `${value.toFixed(value < 10 ? 1 : 0)} ms`;
}

/** `"0.4 %"`. */
export function percent(fraction: number): string {
  const value = fraction * 100;
  return `${value.toFixed(value < 10 ? 1 : 0)} %`;
}
