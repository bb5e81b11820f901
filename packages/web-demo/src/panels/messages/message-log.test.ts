import { charlist, tuple } from "@erl-dist/core";
import { expect, it } from "vitest";
import { ENTRY_CHARACTERS, LOG_ENTRIES, MessageLog } from "./message-log.ts";

it("keeps the newest entries in order, each with an id of its own", () => {
  const log = new MessageLog();
  for (let i = 1; i <= LOG_ENTRIES + 2; i++) log.add("received", "console", i);
  expect(log.entries).toHaveLength(LOG_ENTRIES);
  expect(log.entries.at(0)?.text).toBe("3");
  expect(log.entries.at(-1)?.text).toBe(`${LOG_ENTRIES + 2}`);
  expect(new Set(log.entries.map(({ id }) => id)).size).toBe(LOG_ENTRIES);
});

it("shows a message in Erlang's syntax, and text as text", () => {
  const log = new MessageLog();
  log.add("sent", "echo", tuple(1.5, charlist("žluť"), new TextEncoder().encode("žluť")));
  expect(log.entries).toMatchObject([{ direction: "sent", party: "echo", text: '{1.5,"žluť",<<"žluť"/utf8>>}' }]);
});

it("cuts what is too long to show", () => {
  const log = new MessageLog();
  log.add("received", "console", charlist("a".repeat(ENTRY_CHARACTERS)));
  expect(log.entries[0]?.text).toMatch(/^"a+…$/);
  expect(log.entries[0]?.text.length).toBeLessThanOrEqual(ENTRY_CHARACTERS + 1);
});
