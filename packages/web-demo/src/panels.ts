// Defines <erl-connection> and the panels, for pages that use them without <erl-console>.
import { ErlConnection } from "./connection/erl-connection.ts";
import { define } from "./define.ts";
import { ErlGrid } from "./panels/grid/erl-grid.ts";
import { ErlMessages } from "./panels/messages/erl-messages.ts";
import { ErlProcess } from "./panels/processes/erl-process.ts";
import { ErlProcesses } from "./panels/processes/erl-processes.ts";

export { ErlConnection, ErlMessages, ErlProcess, ErlProcesses };

define("erl-connection", ErlConnection);
define("erl-grid", ErlGrid);
define("erl-messages", ErlMessages);
define("erl-process", ErlProcess);
define("erl-processes", ErlProcesses);
