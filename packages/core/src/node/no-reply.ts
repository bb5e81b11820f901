// Apart from gen-server.ts, since a server that names it has need of no more.

/** What `handleCall` returns when the reply comes later, by `from.reply(value)`. */
export const NO_REPLY: unique symbol = Symbol("no reply");
