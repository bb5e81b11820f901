// What a bench gives back: a part of docs/BENCHMARKS.md.

export interface Section {
  readonly title: string;
  /** Markdown: tables and sentences. */
  readonly body: string;
  /** What could not be measured, and why. */
  readonly missing: readonly string[];
}

export function printSection({ title, body, missing }: Section): void {
  console.log(`## ${title}\n\n${body}\n`);
  for (const what of missing) console.log(`Missing: ${what}`);
}
