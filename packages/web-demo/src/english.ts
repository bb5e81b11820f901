// All tables of English texts in one: what a translation begins with. No part of the console loads it.
import { FAILURE_STRINGS } from "./connection/failure-strings.ts";
import { PALETTE_STRINGS } from "./erl-console/palette-strings.ts";
import { ETS_STRINGS } from "./panels/ets/strings.ts";
import { LOGS_STRINGS } from "./panels/logs/strings.ts";
import { MESSAGES_STRINGS } from "./panels/messages/strings.ts";
import { NODES_STRINGS } from "./panels/nodes/strings.ts";
import { OVERVIEW_STRINGS } from "./panels/overview/strings.ts";
import { PROCESSES_STRINGS } from "./panels/processes/strings.ts";
import { SHELL_STRINGS } from "./panels/shell/strings.ts";
import { TRACE_STRINGS } from "./panels/trace/strings.ts";
import { TREE_STRINGS } from "./panels/tree/strings.ts";
import { PANEL_STRINGS } from "./panels/strings.ts";
import { type StringKey, STRINGS } from "./strings.ts";

/** Each by itself; no key is in two of them. */
export const TABLES: readonly Readonly<Partial<Record<StringKey, string>>>[] = [
  STRINGS,
  FAILURE_STRINGS,
  PALETTE_STRINGS,
  PANEL_STRINGS,
  ETS_STRINGS,
  LOGS_STRINGS,
  MESSAGES_STRINGS,
  NODES_STRINGS,
  OVERVIEW_STRINGS,
  PROCESSES_STRINGS,
  SHELL_STRINGS,
  TRACE_STRINGS,
  TREE_STRINGS,
];

export const ENGLISH: Readonly<Record<StringKey, string>> = {
  ...STRINGS,
  ...FAILURE_STRINGS,
  ...PALETTE_STRINGS,
  ...PANEL_STRINGS,
  ...ETS_STRINGS,
  ...LOGS_STRINGS,
  ...MESSAGES_STRINGS,
  ...NODES_STRINGS,
  ...OVERVIEW_STRINGS,
  ...PROCESSES_STRINGS,
  ...SHELL_STRINGS,
  ...TRACE_STRINGS,
  ...TREE_STRINGS,
};
