// The frames of a page, while something happens in it.
import type { Page } from "@playwright/test";

/** What a frame may take at 60 in a second, with what the clock of a page is off by. */
export const FRAME_MS = 17;

export interface Frames {
  readonly frames: readonly number[];
  /** What the page's own scripts took of each that was longer than 50 ms: whether it was the page that took them, or the machine. */
  readonly scripts: readonly number[];
}

export async function watchFrames(page: Page): Promise<void> {
  await page.evaluate(() => {
    const frames: number[] = [];
    const scripts: number[] = [0];
    Object.assign(window, { frames, scripts });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        const parts = (entry as PerformanceEntry & { scripts: readonly PerformanceEntry[] }).scripts;
        scripts.push(parts.reduce((sum, { duration }) => sum + duration, 0));
      }
    }).observe({ type: "long-animation-frame" });
    let last: number | undefined;
    const next = (now: number): void => {
      if (last !== undefined) frames.push(now - last);
      last = now;
      requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  });
}

export function framesOf(page: Page): Promise<Frames> {
  return page.evaluate(() => {
    const { frames, scripts } = window as unknown as Frames;
    return { frames, scripts };
  });
}

export function longest({ frames }: Frames): number {
  return Math.max(...frames);
}

/** Of 100: those that took no longer than a frame should. */
export function inTime({ frames }: Frames): number {
  return (100 * frames.filter((ms) => ms <= FRAME_MS).length) / frames.length;
}

export function describe({ frames, scripts }: Frames): string {
  const sorted = frames.toSorted((a, b) => a - b);
  const at = (part: number): string => (sorted[Math.floor(part * (sorted.length - 1))] ?? 0).toFixed(0);
  return `${frames.length} frames, median ${at(0.5)} ms, 99 % within ${at(0.99)} ms, longest ${at(1)} ms; scripts in those over 50 ms ${Math.max(...scripts).toFixed(0)} ms`;
}
