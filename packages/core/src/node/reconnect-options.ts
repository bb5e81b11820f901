// What the option `reconnect` may say. reconnector.ts, which does it, is loaded for nodes that have the option.
export interface ReconnectOptions {
  /** The pause before the first attempt; each further one is twice as long, and all are shortened by chance, to a half at most. */
  readonly delayMs?: number | undefined;
  /** The longest pause. */
  readonly maxDelayMs?: number | undefined;
  /** After so many attempts in vain the peer is given up. By default there is no end. */
  readonly maxAttempts?: number | undefined;
}

export type ResolvedReconnect = { readonly [Key in keyof ReconnectOptions]-?: number };

const DEFAULTS: ResolvedReconnect = { delayMs: 500, maxDelayMs: 30_000, maxAttempts: Infinity };

/** Throws a RangeError for numbers that make no sense. */
export function resolveReconnect(options: ReconnectOptions): ResolvedReconnect {
  const { delayMs = Math.min(DEFAULTS.delayMs, options.maxDelayMs ?? Infinity), maxAttempts = DEFAULTS.maxAttempts } = options;
  const { maxDelayMs = Math.max(DEFAULTS.maxDelayMs, delayMs) } = options;
  if (!(delayMs > 0)) throw new RangeError(`reconnect.delayMs is ${delayMs}, it has to be positive`);
  if (!(maxDelayMs >= delayMs)) throw new RangeError(`reconnect.maxDelayMs is ${maxDelayMs}, less than delayMs (${delayMs})`);
  if (!(maxAttempts >= 1)) throw new RangeError(`reconnect.maxAttempts is ${maxAttempts}, it has to be at least 1`);
  return { delayMs, maxDelayMs, maxAttempts };
}
