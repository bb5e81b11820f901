import { define } from "../../define.ts";
import { ErlGrid } from "../grid/erl-grid.ts";
import { ErlLogs } from "./erl-logs.ts";

define("erl-grid", ErlGrid);
define("erl-logs", ErlLogs);
