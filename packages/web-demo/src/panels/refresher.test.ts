import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { RemoteNode } from "../remote/remote-node.ts";
import { LARGEST_COST, Refresher, type RefresherHost, waitMs } from "./refresher.ts";

const INTERVAL_MS = 2_000;

describe("the wait before the next look at a node", () => {
  it("is the interval where a look costs little", () => {
    expect(waitMs(INTERVAL_MS, 10)).toBe(INTERVAL_MS);
  });

  it("keeps looking below a twentieth of one scheduler", () => {
    expect(waitMs(INTERVAL_MS, 500)).toBe(10_000);
  });
});

/** A panel that looks at a node, and when it did. */
interface Panel {
  readonly refresher: Refresher;
  readonly looks: number[];
  /** As the browser says it. */
  readonly setInView: (inView: boolean) => void;
}

describe("a panel that looks at a node", () => {
  const cleanups: (() => void)[] = [];
  // Refreshers know a node by its identity alone.
  const node = (): RemoteNode => ({}) as RemoteNode;
  let isHidden = false;

  beforeEach(() => {
    isHidden = false;
    vi.useFakeTimers();
    vi.spyOn(document, "hidden", "get").mockImplementation(() => isHidden);
  });

  afterEach(() => {
    for (const cleanup of cleanups.splice(0)) cleanup();
    vi.useRealTimers();
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  });

  /** `look` gets the number of the look, from 1. */
  function open(remote: RemoteNode, look: (count: number) => number | undefined | Promise<number | undefined>): Panel {
    let observed: IntersectionObserverCallback = () => {};
    vi.stubGlobal(
      "IntersectionObserver",
      class {
        constructor(callback: IntersectionObserverCallback) {
          observed = callback;
        }
        observe(): void {}
        disconnect(): void {}
      },
    );
    const controllers = { addController: () => {}, removeController: () => {}, requestUpdate: () => {} };
    const host: RefresherHost = Object.assign(document.createElement("div"), controllers, {
      remote,
      updateComplete: Promise.resolve(true),
    });
    const start = Date.now();
    const looks: number[] = [];
    const refresher = new Refresher(host, {
      intervalMs: () => INTERVAL_MS,
      look: async () => {
        looks.push(Date.now() - start);
        return look(looks.length);
      },
    });
    refresher.hostConnected();
    refresher.start();
    cleanups.push(() => refresher.hostDisconnected());
    const setInView = (isIntersecting: boolean): void => {
      // Of all that is told of an element this alone is read.
      observed([{ isIntersecting } as IntersectionObserverEntry], {} as IntersectionObserver);
    };
    return { refresher, looks, setInView };
  }

  const after = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

  it("looks at once, after its interval, and after 20 times what a look took where that is longer", async () => {
    const { looks, refresher } = open(node(), (count) => (count === 2 ? 500 : 1));
    await after(30_000);
    expect(looks.slice(0, 4)).toEqual([0, 2_000, 12_000, 14_000]);
    expect(refresher.cost).toBeCloseTo(1 / 2_001, 5);
  });

  it("waits 20 times as long after a look that was given up, however it ended", async () => {
    const { looks } = open(node(), async () => {
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      return undefined;
    });
    await after(62_999);
    expect(looks).toEqual([0]);
    await after(1);
    expect(looks).toEqual([0, 63_000]);
  });

  it("does not look while the page is hidden, and does so at once when it is shown again", async () => {
    const { looks } = open(node(), () => 1);
    await after(1);
    isHidden = true;
    await after(60_000);
    expect(looks).toEqual([0]);
    isHidden = false;
    document.dispatchEvent(new Event("visibilitychange"));
    await after(1);
    expect(looks).toEqual([0, 60_001]);
  });

  it("does not look while it is off screen", async () => {
    const { looks, setInView } = open(node(), () => 1);
    await after(1);
    setInView(false);
    await after(60_000);
    expect(looks).toEqual([0]);
    setInView(true);
    await after(1);
    expect(looks).toEqual([0, 60_001]);
  });

  it("looks only when it is told to while it is paused, and not at all once it is stopped", async () => {
    const { looks, refresher } = open(node(), () => 1);
    await after(1);
    refresher.paused = true;
    await after(60_000);
    expect(looks).toEqual([0]);
    refresher.now();
    await after(60_000);
    expect(looks).toEqual([0, 60_001]);
    refresher.paused = false;
    await after(1);
    expect(looks).toHaveLength(3);
    refresher.stop();
    refresher.now();
    await after(60_000);
    expect(looks).toHaveLength(3);
  });

  it("shares the twentieth with others that look at the same node, and not with those of another node", async () => {
    const remote = node();
    const dear = Array.from({ length: 3 }, () => open(remote, () => 500));
    const alone = open(node(), () => 500);
    await after(300_000);
    const sum = dear.reduce((all, { refresher }) => all + (refresher.cost ?? 0), 0);
    expect(sum).toBeGreaterThan(0.9 * LARGEST_COST);
    expect(sum).toBeLessThanOrEqual(LARGEST_COST);
    expect(alone.refresher.cost).toBeGreaterThan(0.95 * LARGEST_COST);
  });

  it("leaves to one that needs it what others do not", async () => {
    const remote = node();
    open(remote, () => 1);
    const dear = open(remote, () => 500);
    await after(300_000);
    expect(dear.refresher.cost).toBeGreaterThan(0.9 * LARGEST_COST);
  });

  it("waits while another one looks at the same node, but not for longer than its interval", async () => {
    const remote = node();
    const answered: (() => void)[] = [];
    const first = open(remote, () => new Promise((resolve) => answered.push(() => resolve(1))));
    const second = open(remote, () => 1);
    const third = open(remote, () => new Promise(() => {}));
    await after(1_000);
    expect([first.looks, second.looks, third.looks]).toEqual([[0], [], []]);
    answered[0]?.();
    await after(0);
    expect([second.looks, third.looks]).toEqual([[1_000], [1_000]]);
    // Now there is one that never ends.
    await after(2_000);
    expect(second.looks).toEqual([1_000]);
    await after(2_000);
    expect(second.looks).toEqual([1_000, 5_000]);
  });
});
