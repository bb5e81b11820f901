// TCP and TLS with Deno: its node:net and node:tls are what the carrier of Node.js needs.
export * from "./nodejs.ts";
