// A set-up file of the projects that run in Node.js: no test file may end with a socket, a server or a child process open.
import { afterAll } from "vitest";

const WATCHED = /^(?:TCP|TLS|UDP|PipeServer|Process)\w*Wrap$/;
const SETTLE_MS = 2_000;

const before = openHandles().length;

// Registered before the file's own hooks, so run after them.
afterAll(async () => {
  const deadline = Date.now() + SETTLE_MS;
  while (openHandles().length > before && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 10));
  const open = openHandles();
  if (open.length > before) throw new Error(`left open when the tests of this file had ended: ${open.join(", ")}`);
});

function openHandles(): string[] {
  return process.getActiveResourcesInfo().filter((name) => WATCHED.test(name));
}
