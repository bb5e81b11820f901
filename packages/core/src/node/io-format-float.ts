// Floats as ~e, ~f and ~g print them (stdlib, io:fwrite/3). The digits are rounded from the 21 that float_to_list/1 gives, half up.

/** `~e` with this many significant digits, at least 2. */
export function exponentText(value: number, precision: number): string {
  const { digits, point } = decimals(value);
  const [mantissa, carried] = round(digits, 1, precision - 1);
  const exponent = carried ? point : point - 1;
  const shown = carried ? `1${mantissa.slice(1)}` : mantissa;
  return `${signOf(value)}${shown}e${exponent < 0 ? "" : "+"}${exponent}`;
}

/** `~f` with this many digits after the point, at least 1. */
export function fixedText(value: number, precision: number): string {
  const { digits, point } = decimals(value);
  const leading = Math.max(0, 1 - point);
  const [text, carried] = round([...Array<number>(leading).fill(0), ...digits], Math.max(1, point), precision);
  return `${signOf(value)}${carried ? "1" : ""}${text}`;
}

/** `~g` with this many significant digits: as `~f` from 0.1 up to 10,000 where they fit, else as `~e`. */
export function generalText(value: number, precision: number): string {
  const magnitude = Math.abs(value);
  const exponent =
    magnitude < 0.1 || magnitude >= 1e4 ? undefined : [1, 10, 100, 1000, 1e4].findIndex((limit) => magnitude < limit) - 1;
  if (exponent !== undefined && ((precision <= 1 && exponent === -1) || precision - 1 > exponent)) {
    return fixedText(value, precision - 1 - exponent);
  }
  return exponentText(value, Math.max(2, precision));
}

/** The value is 0.d₁d₂d₃… times ten to the power of `point`. */
function decimals(value: number): { readonly digits: readonly number[]; readonly point: number } {
  const [mantissa = "", exponent = ""] = Math.abs(value).toExponential(20).split("e");
  return { digits: Array.from(mantissa.replace(".", ""), Number), point: Number(exponent) + 1 };
}

/** So many digits before and after the point, and whether rounding carried beyond the first. */
function round(digits: readonly number[], before: number, after: number): readonly [text: string, carried: boolean] {
  const kept = Array.from({ length: before + after }, (_, index) => digits[index] ?? 0);
  let carry = (digits[kept.length] ?? 0) >= 5;
  for (let index = kept.length - 1; carry && index >= 0; index--) {
    carry = kept[index] === 9;
    kept[index] = carry ? 0 : (kept[index] ?? 0) + 1;
  }
  return [`${kept.slice(0, before).join("")}.${kept.slice(before).join("")}`, carry];
}

function signOf(value: number): string {
  return value < 0 || Object.is(value, -0) ? "-" : "";
}
