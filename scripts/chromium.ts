// Where Chromium is: CHROMIUM_PATH, else the places where distributions put it, else undefined (Playwright's own download).
import { existsSync } from "node:fs";

const PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome-stable",
  "/usr/bin/google-chrome",
  "/snap/bin/chromium",
];

export interface ChromiumLaunch {
  readonly executablePath?: string;
  readonly chromiumSandbox: boolean;
  readonly args: string[];
}

/** Launch options for Playwright: no sandbox for root and CI, and no calls home. */
export function chromiumLaunch(): ChromiumLaunch {
  const executablePath = process.env["CHROMIUM_PATH"] ?? PLACES.find((path) => existsSync(path));
  return {
    ...(executablePath === undefined ? {} : { executablePath }),
    chromiumSandbox: process.getuid?.() !== 0 && process.env["CI"] === undefined,
    args: [
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  };
}
