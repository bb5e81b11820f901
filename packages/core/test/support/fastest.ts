/**
 * How long something takes on a machine that may be busy with other tests: the fastest of some attempts. A stall of the machine is none of
 * ours and does not come each time; a wait that is built in does.
 */
export async function fastestMs(attempt: () => Promise<unknown>, enoughMs = 1_000): Promise<number> {
  let fastest = Infinity;
  for (let count = 0; count < 5 && fastest >= enoughMs; count++) {
    const started = performance.now();
    await attempt();
    fastest = Math.min(fastest, performance.now() - started);
  }
  return fastest;
}
