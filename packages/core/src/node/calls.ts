// What a node asks other nodes with: loaded when it first does.
export { call as erpcCall, multicall as erpcMulticall } from "./erpc.ts";
export { whereisName } from "./global.ts";
export { call as rpcCall } from "./rpc.ts";
