import { define } from "../../define.ts";
import { ErlGrid } from "../grid/erl-grid.ts";
import { ErlTrace } from "./erl-trace.ts";

define("erl-grid", ErlGrid);
define("erl-trace", ErlTrace);
