import type { Page } from "@playwright/test";

/** Presses "Reconnect now", unless the page has found the node by itself in this very moment: it tries again and again. */
export async function reconnectNow(page: Page): Promise<void> {
  await page
    .getByRole("button", { name: "Reconnect now" })
    .click({ timeout: 2_000 })
    .catch(() => undefined);
}
