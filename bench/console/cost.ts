// What each panel costs the node while it is open and looks again and again: by what the node's schedulers say, beside what the panel says
// itself.
import type { Page } from "@playwright/test";
import type { ErlConsole } from "../../packages/web-demo/src/index.ts";
import { remark, report } from "./goals.ts";
import { fillWith, openPanel, type Setting, settled, SHOWN } from "./setting.ts";

const GOAL = 5;
const SHORTEST_MS = 8_000;

interface Case {
  readonly words: string;
  readonly id?: string;
  readonly prepare?: (page: Page) => Promise<unknown>;
}

const CASES: readonly Case[] = [
  { words: "no panel, the header alone" },
  ...Object.keys(SHOWN).map((id) => ({ words: id, id })),
  {
    words: "processes, by growth in 1 s",
    id: "processes",
    prepare: (page) => page.getByRole("combobox", { name: "Measured" }).selectOption("1000"),
  },
  {
    words: "processes, filtered by /eval|kernel/",
    id: "processes",
    prepare: (page) => page.getByRole("searchbox", { name: "Filter" }).fill("/eval|kernel/"),
  },
  {
    words: "processes, all",
    id: "processes",
    prepare: (page) => page.getByRole("combobox", { name: "Show" }).selectOption("0"),
  },
];

export async function cost(setting: Setting, processes: number): Promise<void> {
  await fillWith(setting, processes);
  const { erl } = setting.bench;
  await erl.eval("spawn(fun() -> erlang:system_flag(scheduler_wall_time, true), receive stop -> ok end end), ok");
  for (const { words, id, prepare } of CASES) {
    const page = await openPanel(setting, id);
    if (prepare !== undefined) {
      await prepare(page);
      // After the wait for more keys.
      await settled(500);
    }
    await nextLook(page, id);
    const before = await workOf(setting);
    const end = performance.now() + SHORTEST_MS;
    while (performance.now() < end) await nextLook(page, id);
    const after = await workOf(setting);
    const said = await page.evaluate(
      (panel) =>
        /costs ([\d.]+ %)/.exec(
          document.querySelector<ErlConsole>("erl-console")?.panelElement(panel)?.shadowRoot?.textContent ?? "",
        )?.[1],
      id ?? "",
    );
    const share = (100 * (after.active - before.active)) / (after.time - before.time);
    const cpu = (100 * (after.cpuMs - before.cpuMs)) / (after.clockMs - before.clockMs);
    report(`% of a scheduler: ${words}${said === undefined ? "" : `; it says ${said}`} (${cpu.toFixed(1)} % of a processor)`, {
      reached: share,
      goal: GOAL,
      decimals: 2,
    });
    await page.close();
  }
  remark(`(with ${processes} processes on the node)`);
}

/** Whole rounds of looking and waiting, where there is a time of the last look; else a while. */
async function nextLook(page: Page, id: string | undefined): Promise<void> {
  if (id !== "processes") {
    await settled(2_000);
    return;
  }
  const last = await lookOf(page);
  await page.waitForFunction(
    (before) => {
      const panel = document.querySelector<ErlConsole>("erl-console")?.panelElement("processes");
      return panel != null && Number(Reflect.get(panel, "_updatedAt")) !== before;
    },
    last,
    { timeout: 120_000 },
  );
}

function lookOf(page: Page): Promise<number> {
  return page.evaluate(() => {
    const panel = document.querySelector<ErlConsole>("erl-console")?.panelElement("processes");
    return panel == null ? 0 : Number(Reflect.get(panel, "_updatedAt"));
  });
}

interface Work {
  /** How long the schedulers have worked together, those for long work such as collecting a large heap too, and how long one was there. */
  readonly active: number;
  readonly time: number;
  /** What the system says that the node has used of its processors, in milliseconds, and when. */
  readonly cpuMs: number;
  readonly clockMs: number;
}

async function workOf({ bench: { erl } }: Setting): Promise<Work> {
  const answer = await erl.eval(`All = erlang:statistics(scheduler_wall_time), {Cpu, _} = erlang:statistics(runtime),
    {lists:sum([Active || {_, Active, _} <- All]), lists:max([Total || {_, _, Total} <- All]), Cpu, erlang:monotonic_time(millisecond)}`);
  const [active = 0, time = 0, cpuMs = 0, clockMs = 0] = answer.slice(1, -1).split(",").map(Number);
  return { active, time, cpuMs, clockMs };
}
