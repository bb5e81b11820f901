// Defines <erl-connection> and the panels, for pages that use them without <erl-console>.
import { ErlConnection } from "./connection/erl-connection.ts";
import { define } from "./define.ts";
import { ErlMessages } from "./panels/messages/erl-messages.ts";

export { ErlConnection, ErlMessages };

define("erl-connection", ErlConnection);
define("erl-messages", ErlMessages);
