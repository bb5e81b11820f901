// Defines <erl-connection> and the panels, for pages that use them without <erl-console>.
import { ErlConnection } from "./connection/erl-connection.ts";
import { define } from "./define.ts";
import { ErlEts } from "./panels/ets/erl-ets.ts";
import { ErlGrid } from "./panels/grid/erl-grid.ts";
import { ErlLogs } from "./panels/logs/erl-logs.ts";
import { ErlMessages } from "./panels/messages/erl-messages.ts";
import { ErlNodes } from "./panels/nodes/erl-nodes.ts";
import { ErlChart } from "./panels/overview/erl-chart.ts";
import { ErlOverview } from "./panels/overview/erl-overview.ts";
import { ErlProcess } from "./panels/processes/erl-process.ts";
import { ErlProcesses } from "./panels/processes/erl-processes.ts";
import { ErlShell } from "./panels/shell/erl-shell.ts";
import { ErlTrace } from "./panels/trace/erl-trace.ts";
import { ErlTree } from "./panels/tree/erl-tree.ts";
import { ErlTreeview } from "./panels/tree/erl-treeview.ts";

export {
  ErlConnection,
  ErlEts,
  ErlLogs,
  ErlMessages,
  ErlNodes,
  ErlOverview,
  ErlProcess,
  ErlProcesses,
  ErlShell,
  ErlTrace,
  ErlTree,
};

define("erl-connection", ErlConnection);
define("erl-chart", ErlChart);
define("erl-ets", ErlEts);
define("erl-grid", ErlGrid);
define("erl-logs", ErlLogs);
define("erl-messages", ErlMessages);
define("erl-nodes", ErlNodes);
define("erl-overview", ErlOverview);
define("erl-process", ErlProcess);
define("erl-processes", ErlProcesses);
define("erl-shell", ErlShell);
define("erl-trace", ErlTrace);
define("erl-tree", ErlTree);
define("erl-treeview", ErlTreeview);
