// Erlang's way to print a term. Loaded when there is something to print, which is not needed to be connected.
export { format } from "@erl-dist/core";
