// What relay.ts and handshakes.ts have to know alike.

/** The page's name on the node. */
export const PAGE = "page@browser";
export const NODE = "bench@127.0.0.1";
export const CUSTODY = { cookie: "the cluster's", secret: "the page's" } as const;
