import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Term, Tuple } from "@erl-dist/core";
import type { RemoteNode } from "../remote/remote-node.ts";
import { FactsController } from "./facts.ts";

const FEATURES = { otpRelease: "27", erts: "15.2", elixir: undefined, hasRuntimeTools: true };
const FIGURES: readonly Term[] = [new Tuple([7_000, 1]), 1_000_000, 0, 42];

describe("the figures in the header", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("are asked for again when the first question was not answered", async () => {
    let isSilent = true;
    const answer = <T>(value: T): Promise<T> => (isSilent ? Promise.reject(new Error("not answered")) : Promise.resolve(value));
    const remote = { ping: async () => 1, features: () => answer(FEATURES), batch: () => answer(FIGURES) };
    const controller = new FactsController(HOST, () => 2_000);
    // What it asks of a node, and no more.
    controller.follow(remote as unknown as RemoteNode);
    await vi.advanceTimersByTimeAsync(1_999);
    expect(controller.facts).toEqual({ roundTrip: 1, isSlow: false, behindBytes: 0 });
    isSilent = false;
    await vi.advanceTimersByTimeAsync(1);
    expect(controller.facts).toMatchObject({ features: FEATURES, uptimeMs: 7_000, processes: 42 });
    controller.follow(undefined);
  });

  it("tell what waits to be sent while an answer is overdue, though none has come before", async () => {
    const local = { bufferedBytes: () => 48_000_000 };
    const remote = { name: "shop@127.0.0.1", local, ping: () => new Promise<undefined>(() => {}) };
    const controller = new FactsController(HOST, () => 2_000);
    controller.follow(remote as unknown as RemoteNode);
    await vi.advanceTimersByTimeAsync(500);
    expect(controller.facts).toEqual({ isSlow: true, behindBytes: 48_000_000 });
    controller.follow(undefined);
  });
});

const HOST = {
  addController() {},
  removeController() {},
  requestUpdate() {},
  updateComplete: Promise.resolve(true),
};
