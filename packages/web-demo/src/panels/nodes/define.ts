import { define } from "../../define.ts";
import { ErlGrid } from "../grid/erl-grid.ts";
import { ErlNodes } from "./erl-nodes.ts";

define("erl-grid", ErlGrid);
define("erl-nodes", ErlNodes);
