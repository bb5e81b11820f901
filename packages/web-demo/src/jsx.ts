// The elements for JSX: types only. A framework finds them when its own JSX namespace extends ErlElements, as the README shows.
import type { ErlConnection } from "./connection/erl-connection.ts";
import type { ErlConsole } from "./erl-console/element.ts";
import type { ErlConsoleEventMap } from "./events.ts";
import type { ErlEts } from "./panels/ets/erl-ets.ts";
import type { ErlLogs } from "./panels/logs/erl-logs.ts";
import type { ErlMessages } from "./panels/messages/erl-messages.ts";
import type { ErlNodes } from "./panels/nodes/erl-nodes.ts";
import type { ErlOverview } from "./panels/overview/erl-overview.ts";
import type { ErlProcess } from "./panels/processes/erl-process.ts";
import type { ErlProcesses } from "./panels/processes/erl-processes.ts";
import type { ErlShell } from "./panels/shell/erl-shell.ts";
import type { ErlTrace } from "./panels/trace/erl-trace.ts";
import type { ErlTree } from "./panels/tree/erl-tree.ts";

/** What all tags may have; frameworks have types of their own for children, class, style, ref and listeners. */
interface AnyTag {
  readonly id?: string;
  readonly slot?: string;
  readonly hidden?: boolean;
  readonly class?: string;
  readonly className?: string;
  readonly children?: unknown;
  readonly key?: unknown;
  readonly ref?: unknown;
  readonly style?: unknown;
}

/** Listeners, as React and Preact have them (`onerl-connect`), and as Solid has (`on:erl-connect`). */
type Listeners = {
  readonly [Name in keyof ErlConsoleEventMap as `on${Name}` | `on:${Name}`]?: (event: ErlConsoleEventMap[Name]) => void;
};

type ConnectionNames = "bridge" | "node" | "cookie" | "target" | "name" | "autoconnect" | "connector" | "auth" | "strings";
type PanelNames = "allow" | "refresh" | "selected" | "theme" | "density" | "redact" | "linkForMfa" | "strings";

interface PanelAttributes {
  readonly "read-only"?: boolean;
  readonly "csp-nonce"?: string;
}

interface ConsoleAttributes extends PanelAttributes {
  readonly "storage-key"?: string;
  readonly "without-header"?: boolean;
  readonly "without-rail"?: boolean;
}

type Tag<Element, Names extends keyof Element> = AnyTag & Listeners & Partial<Pick<Element, Names>>;
type PanelTag<Element extends Pick<ErlProcess, PanelNames>, More extends keyof Element = never> = Tag<
  Element,
  PanelNames | More
> &
  PanelAttributes;

/** Every element of this package, with its attributes and properties, by its tag. */
export interface ErlElements {
  "erl-connection": Tag<ErlConnection, ConnectionNames>;
  "erl-console": Tag<
    ErlConsole,
    ConnectionNames | PanelNames | "panels" | "panel" | "drawer" | "to" | "shell" | "mode" | "keys" | "columns" | "processFilter"
  > &
    ConsoleAttributes;
  "erl-ets": PanelTag<ErlEts>;
  "erl-logs": PanelTag<ErlLogs>;
  "erl-messages": PanelTag<ErlMessages, "to">;
  "erl-nodes": PanelTag<ErlNodes>;
  "erl-overview": PanelTag<ErlOverview>;
  "erl-process": PanelTag<ErlProcess, "pid">;
  "erl-processes": PanelTag<ErlProcesses, "columns" | "processFilter">;
  "erl-shell": PanelTag<ErlShell, "shell" | "mode">;
  "erl-trace": PanelTag<ErlTrace>;
  "erl-tree": PanelTag<ErlTree>;
}
