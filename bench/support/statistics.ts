// What all benches do with their samples. A machine is never alone: only ratios within one round mean anything, so a ratio is
// the median of those of the rounds, and never one median by another.

export function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const middle = sorted.length >>> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** The distance between the quartiles, as a part of the median: how far to believe it. */
export function spread(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (part: number): number => sorted[Math.floor(sorted.length * part)] ?? Number.NaN;
  return (at(0.75) - at(0.25)) / median(samples);
}

/** How many times `samples` goes into `others`, round by round. */
export function ratio(others: readonly number[], samples: readonly number[]): number {
  return median(samples.map((sample, round) => (others[round] ?? Number.NaN) / sample));
}
