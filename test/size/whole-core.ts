// Everything that the core's main entry and the page's carrier export; `npm run size` weighs it.
export * from "@erl-dist/core";
export * from "@erl-dist/core/transports/websocket";
