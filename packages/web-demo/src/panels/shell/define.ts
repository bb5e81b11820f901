import { define } from "../../define.ts";
import { ErlShell } from "./erl-shell.ts";

define("erl-shell", ErlShell);
