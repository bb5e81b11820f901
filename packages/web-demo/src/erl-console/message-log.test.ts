import { expect, it } from "vitest";
import { ENTRY_CHARACTERS, LOG_ENTRIES, MessageLog } from "./message-log.ts";

const entry = (text: string) => ({ direction: "received", party: "console", at: new Date(0), text }) as const;

it("keeps the newest entries in order, each with an id of its own", () => {
  const log = new MessageLog();
  for (let i = 1; i <= LOG_ENTRIES + 2; i++) log.add(entry(`message ${i}`));
  expect(log.entries).toHaveLength(LOG_ENTRIES);
  expect(log.entries.at(0)?.text).toBe("message 3");
  expect(log.entries.at(-1)?.text).toBe(`message ${LOG_ENTRIES + 2}`);
  expect(new Set(log.entries.map(({ id }) => id)).size).toBe(LOG_ENTRIES);
});

it("cuts what is too long to show", () => {
  const log = new MessageLog();
  log.add(entry("a".repeat(ENTRY_CHARACTERS + 1)));
  expect(log.entries[0]?.text).toBe(`${"a".repeat(ENTRY_CHARACTERS)}…`);
});
