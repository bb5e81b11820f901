// CPU time of this thread: what other programs take of the machine does not count.

const pause = new Int32Array(new SharedArrayBuffer(4));

/** Milliseconds. The kernel brings the clock up to date when a thread goes to sleep, so it sleeps for a moment first. */
export function threadCpuMs(): number {
  Atomics.wait(pause, 0, 0, 0.02);
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

let kept: unknown;

/** Runs it so often that it takes about `ms`, and gives the nanoseconds of one run. */
export function cpuNsOf(run: () => unknown, ms: number, known?: number): { readonly ns: number; readonly runs: number } {
  let runs = known ?? 1;
  for (;;) {
    const before = threadCpuMs();
    for (let count = 0; count < runs; count++) kept = run();
    const took = threadCpuMs() - before;
    // Kept, so that no engine can leave the work out.
    if (kept === cpuNsOf) throw new Error("never");
    if (took >= ms / 2 || runs > 1e8)
      return { ns: (took * 1e6) / runs, runs: Math.max(1, Math.round((runs * ms) / Math.max(took, 0.001))) };
    runs = took < ms / 50 ? runs * 10 : Math.ceil((runs * ms) / took);
  }
}
