// What the frame of the console says, in one flat table that a page can replace, whole or in part: to translate it, or to use words of
// its own. What stands in braces is put in: `{node}`. What is inside the panels, and why a connection failed, is not in it.

export type StringKey =
  | "connected"
  | "connecting"
  | "disconnected"
  | "failed"
  | "waiting"
  | "noNode"
  | "readOnly"
  | "slow"
  | "release"
  | "up"
  | "roundTrip"
  | "memory"
  | "runQueue"
  | "processCount"
  | "ownName"
  | "ping"
  | "commands"
  | "disconnect"
  | "cancel"
  | "stop"
  | "panel"
  | "panels"
  | "overviewPanel"
  | "shellPanel"
  | "processesPanel"
  | "treePanel"
  | "etsPanel"
  | "logsPanel"
  | "messagesPanel"
  | "nodesPanel"
  | "nameBridgeAndNode"
  | "readyToConnect"
  | "opening"
  | "openingWay"
  | "shakingHands"
  | "connectedTo"
  | "restarted"
  | "tryingAgain"
  | "reconnectNow"
  | "bridge"
  | "erlangNode"
  | "cookie"
  | "ourName"
  | "optional"
  | "givenByNode"
  | "connect"
  | "tryAgain";

export type Strings = Readonly<Record<StringKey, string>>;

export const STRINGS: Strings = {
  // As the states of a connection are called.
  connected: "Connected",
  connecting: "Connecting",
  disconnected: "Not connected",
  failed: "Failed",
  waiting: "Reconnecting",
  noNode: "no node",
  readOnly: "read-only",
  slow: "slow connection",
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
  messagesPanel: "Messages",
  nodesPanel: "Nodes",
  nameBridgeAndNode: "Name a bridge and a node. A bridge carries this page's bytes to Erlang:",
  readyToConnect: "Ready to connect to {node}.",
  opening: "Opening {bridge}",
  openingWay: "Opening the way",
  shakingHands: "Shaking hands with {node}",
  connectedTo: "Connected to {node} as {name}.",
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
};

/** A page's own words; what it leaves out is said in ours. */
export function stringsOf(own: Partial<Strings> | undefined): Strings {
  return { ...STRINGS, ...own };
}

/** Puts values into the braces of a string. */
export function filled(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (braces, name: string) => values[name] ?? braces);
}

/** The title of one of our panels. */
export function panelTitle(id: string, title: string, strings: Strings): string {
  const key = `${id}Panel`;
  return isStringKey(key) ? strings[key] : title;
}

function isStringKey(key: string): key is StringKey {
  return Object.hasOwn(STRINGS, key);
}
