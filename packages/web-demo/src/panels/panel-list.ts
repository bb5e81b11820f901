// The panels of <erl-console>. The code of a panel is fetched when it is first opened.

export interface PanelDefinition {
  /** As in the attributes `panels` and `panel`. */
  readonly id: string;
  readonly title: string;
  /** The element that is the panel; it extends PanelElement. */
  readonly tag: string;
  /** Defines the element. */
  readonly load: () => Promise<unknown>;
  /** Opened with the connection and not with the first look: it collects. */
  readonly eager?: boolean;
}

export const PANELS: readonly PanelDefinition[] = [
  { id: "overview", title: "Overview", tag: "erl-overview", load: () => import("./overview/define.ts") },
  { id: "shell", title: "Shell", tag: "erl-shell", load: () => import("./shell/define.ts") },
  { id: "processes", title: "Processes", tag: "erl-processes", load: () => import("./processes/define.ts") },
  { id: "tree", title: "Tree", tag: "erl-tree", load: () => import("./tree/define.ts") },
  { id: "ets", title: "ETS", tag: "erl-ets", load: () => import("./ets/define.ts") },
  { id: "logs", title: "Logs", tag: "erl-logs", load: () => import("./logs/define.ts") },
  { id: "trace", title: "Trace", tag: "erl-trace", load: () => import("./trace/define.ts") },
  { id: "messages", title: "Messages", tag: "erl-messages", eager: true, load: () => import("./messages/define.ts") },
  { id: "nodes", title: "Nodes", tag: "erl-nodes", load: () => import("./nodes/define.ts") },
];
