import { define } from "../../define.ts";
import { ErlMessages } from "./erl-messages.ts";

define("erl-messages", ErlMessages);
