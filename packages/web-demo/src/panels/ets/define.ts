import { define } from "../../define.ts";
import { ErlGrid } from "../grid/erl-grid.ts";
import { ErlEts } from "./erl-ets.ts";

define("erl-grid", ErlGrid);
define("erl-ets", ErlEts);
