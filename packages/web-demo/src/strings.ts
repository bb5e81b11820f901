// What the console says, in flat tables that a page can replace, whole or in part: to translate it, or to use words of its own. This one
// is of the frame; each panel has its own beside it, `strings.ts`, which is loaded with the panel. What stands in braces is put in:
// `{node}`. A key that ends in `_one` or `_other` is one of the forms of a sentence with a number, as Intl.PluralRules chooses them.
import type { FailureKey } from "./connection/failure-strings.ts";
import type { PaletteKey } from "./erl-console/palette-strings.ts";
import type { EtsKey } from "./panels/ets/strings.ts";
import type { LogsKey } from "./panels/logs/strings.ts";
import type { MessagesKey } from "./panels/messages/strings.ts";
import type { NodesKey } from "./panels/nodes/strings.ts";
import type { OverviewKey } from "./panels/overview/strings.ts";
import type { ProcessesKey } from "./panels/processes/strings.ts";
import type { ShellKey } from "./panels/shell/strings.ts";
import type { TraceKey } from "./panels/trace/strings.ts";
import type { TreeKey } from "./panels/tree/strings.ts";
import type { PanelKey } from "./panels/strings.ts";

/** The frame's table in English. */
export const STRINGS = {
  // As the states of a connection are called.
  connected: "Connected",
  connecting: "Connecting",
  disconnected: "Not connected",
  failed: "Failed",
  waiting: "Reconnecting",
  noNode: "no node",
  readOnly: "read-only",
  slow: "slow connection",
  behind: "slow: {bytes} wait to be sent",
  release: "Release",
  up: "Up",
  roundTrip: "Round trip",
  memory: "Memory",
  runQueue: "Run queue",
  processCount: "Processes",
  ownName: "This page is",
  ping: "Ping",
  commands: "Commands",
  disconnect: "Disconnect",
  cancel: "Cancel",
  stop: "Stop",
  panel: "Panel",
  panels: "Panels",
  overviewPanel: "Overview",
  shellPanel: "Shell",
  processesPanel: "Processes",
  treePanel: "Tree",
  etsPanel: "ETS",
  logsPanel: "Logs",
  tracePanel: "Trace",
  messagesPanel: "Messages",
  nodesPanel: "Nodes",
  nameBridgeAndNode: "Name a bridge and a node. A bridge carries this page's bytes to Erlang:",
  readyToConnect: "Ready to connect to {node}.",
  opening: "Opening {bridge}",
  openingWay: "Opening the way",
  shakingHands: "Shaking hands with {node}",
  connectedTo: "Connected to {node} as {name}.",
  // All other failures have their words in connection/failure.ts.
  unexplained_title: "No connection",
  unexplained_hint: "Nor could be loaded what explains it: this browser may have no network.",
  loadingPanel: "Loading the panel.",
  panelNotLoaded: "The code of this panel could not be loaded",
  restarted: "The node was restarted meanwhile: its processes are others, and pids from before mean nothing any more.",
  tryingAgain: "Trying again in {seconds} s.",
  reconnectNow: "Reconnect now",
  bridge: "Bridge",
  erlangNode: "Erlang node",
  cookie: "Cookie",
  ourName: "Our name",
  optional: "(optional)",
  givenByNode: "given by the node",
  connect: "Connect",
  tryAgain: "Try again",
} as const;

/** The keys of the frame. */
export type FrameKey = keyof typeof STRINGS;

/** All keys, of the frame and of every panel. */
export type StringKey =
  | FrameKey
  | FailureKey
  | PaletteKey
  | PanelKey
  | EtsKey
  | LogsKey
  | MessagesKey
  | NodesKey
  | OverviewKey
  | ProcessesKey
  | ShellKey
  | TraceKey
  | TreeKey;

/** Where the English text has a form for one and one for others, a language may have more: `"logsEvents"` of `"logsEvents_other"`. */
export type PluralKey<Key extends string = StringKey> = Key extends `${infer Sentence}_other` ? Sentence : never;

/** Words of a page, by their keys; ours for those that it leaves out. */
export type Strings = Readonly<Partial<Record<StringKey | `${PluralKey}_${Intl.LDMLPluralRule}`, string>>>;

/** The words of the frame, and whatever else a page has said. */
export type FrameStrings = Readonly<Record<FrameKey, string>> & Strings;

/** A page's own words; what it leaves out is said in ours. */
export function stringsOf(own: Strings | undefined): FrameStrings {
  return { ...STRINGS, ...own };
}

/** The title of one of our panels. */
export function panelTitle(id: string, title: string, strings: FrameStrings): string {
  // Other panels than ours have no such key.
  const titles: Readonly<Record<string, string>> = strings;
  return titles[`${id}Panel`] ?? title;
}
