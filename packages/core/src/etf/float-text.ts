// The text of a float as float_to_list(F, [short]) and ~w give it. The digits are the shortest that read back to the same
// double, which JavaScript finds too; only the layout (fixed or with an exponent) is OTP's own.

/** Text of a finite double, with a point in every case: `1.0`, `1.0e3`, `-0.0`. */
export function floatText(value: number): string {
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  const [mantissa = "", exponent = "0"] = Math.abs(value).toExponential().split("e");
  const digits = mantissa.replace(".", "");
  const sign = value < 0 ? "-" : "";
  return sign + layOut(digits, Number(exponent));
}

/** `digits` has no zero at its end; the value is d.ddd * 10^scientific. */
function layOut(digits: string, scientific: number): string {
  // As an integer times a power of ten, which is how OTP decides.
  const exponent = scientific - (digits.length - 1);
  if (!isFixed(digits, exponent, scientific)) {
    return `${digits[0]}.${digits.length > 1 ? digits.slice(1) : "0"}e${scientific}`;
  }
  if (exponent >= 0) return `${digits}${"0".repeat(exponent)}.0`;
  if (scientific >= 0) return `${digits.slice(0, scientific + 1)}.${digits.slice(scientific + 1)}`;
  return `0.${"0".repeat(-scientific - 1)}${digits}`;
}

/** Whatever is shorter; and no integral text beyond 2^53, where neighbouring integers would read back as the same float. */
function isFixed(digits: string, exponent: number, scientific: number): boolean {
  if (exponent >= 0 && exponent <= 2 && BigInt(digits) * 10n ** BigInt(exponent) >= 1n << 53n) return false;
  if (digits.length === 1) return exponent >= -4 && exponent <= 2;
  return exponent >= -(digits.length + 2) && exponent <= (scientific >= 10 ? 2 : 1);
}
