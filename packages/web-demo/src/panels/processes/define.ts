import { define } from "../../define.ts";
import { ErlGrid } from "../grid/erl-grid.ts";
import { ErlProcess } from "./erl-process.ts";
import { ErlProcesses } from "./erl-processes.ts";

define("erl-grid", ErlGrid);
define("erl-process", ErlProcess);
define("erl-processes", ErlProcesses);
