export * from "./etf/index.ts";
export * from "./errors.ts";
export * from "./limits.ts";
export type * from "./transports/byte-stream.ts";
export * from "./node/index.ts";
