import { define } from "../../define.ts";
import { ErlProcess } from "../processes/erl-process.ts";
import { ErlTree } from "./erl-tree.ts";
import { ErlTreeview } from "./erl-treeview.ts";

define("erl-process", ErlProcess);
define("erl-treeview", ErlTreeview);
define("erl-tree", ErlTree);
