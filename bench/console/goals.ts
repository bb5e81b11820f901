// How the console's bench says what it saw: a line for each figure, with the goal beside it and whether it is met.

export interface Goal {
  readonly reached: number;
  readonly goal: number;
  /** Of both numbers. */
  readonly unit?: string;
  readonly atLeast?: true;
  readonly decimals?: number;
}

export function report(words: string, { reached, goal, unit = "", atLeast, decimals = 0 }: Goal): void {
  const met = atLeast === true ? reached >= goal : reached <= goal;
  const value = reached.toFixed(decimals).padStart(7);
  console.log(`${met ? "met   " : "missed"} ${value} ${atLeast === true ? "≥" : "≤"} ${goal}${unit}  ${words}`);
}

/** A figure that is held to nothing, or what explains one. */
export function remark(words: string): void {
  console.log(`       ${words}`);
}
