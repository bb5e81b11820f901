// The table of all processes, 100,000 rows, scrolled by a little and by a lot with each frame.
import { remark, report } from "./goals.ts";
import { describe, framesOf, inTime, longest, watchFrames } from "./frames.ts";
import { openPanel, type Setting, settled } from "./setting.ts";

const FRAMES = 300;
const LONGEST_FRAME_MS = 50;
/** Of 100 frames, with two cores for the browser, the bridge and the node. */
const IN_TIME = 95;
const WAYS: readonly { readonly words: string; readonly pixels: number }[] = [
  { words: "by 100 pixels a frame, as a wheel does", pixels: 100 },
  { words: "from end to end in 5 s, as with the bar", pixels: 0 },
];

export async function scroll(setting: Setting): Promise<void> {
  for (const { words, pixels } of WAYS) {
    const page = await openPanel(setting, "processes");
    await page.getByRole("combobox", { name: "Show" }).selectOption("0");
    await page.getByText(/^1\d\d,\d{3} processes/).waitFor({ timeout: 60_000 });
    await settled(1_000);
    await watchFrames(page);
    await page.getByRole("grid", { name: "Processes" }).evaluate(
      async (element, { frames, step }) => {
        const each = step === 0 ? element.scrollHeight / frames : step;
        for (let frame = 0; frame < frames; frame++) {
          element.scrollTop += each;
          await new Promise(requestAnimationFrame);
        }
      },
      { frames: FRAMES, step: pixels },
    );
    const frames = await framesOf(page);
    report(`of 100 frames within 17 ms, scrolling ${words}`, {
      reached: inTime(frames),
      goal: IN_TIME,
      atLeast: true,
      decimals: 1,
    });
    report(`longest frame`, { reached: longest(frames), goal: LONGEST_FRAME_MS, unit: " ms" });
    remark(describe(frames));
    const filled = page.getByRole("grid", { name: "Processes" }).getByText("…", { exact: true });
    await filled.first().waitFor({ state: "detached", timeout: 10_000 });
    await page.close();
  }
}
