// Why two sides did not agree on TLS, in words that say what to do about it.
import { ConnectionError } from "../errors.ts";

/** What OpenSSL says of a chain that leads to no authority we trust. */
const UNTRUSTED = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

/** `peer` is the node's name, where the address stands for one. */
export function tlsError(error: Error, target: string, peer?: string): ConnectionError {
  return new ConnectionError("tls_failed", `no TLS with ${target}: ${inWords(error)}`, { peer, cause: error });
}

/** It took the connection, and said nothing more. */
export function silentInTls(target: string, where: string, timeoutMs: number, peer: string | undefined): ConnectionError {
  const words = `no TLS with ${target}: ${where} did not answer in ${timeoutMs} ms; does it speak TLS (-proto_dist inet_tls)?`;
  return new ConnectionError("timeout", words, { peer });
}

/** The other side ended TLS and said why; with TLS 1.3 it may do so when we take the handshake for done. */
export function isAlert(error: Error): boolean {
  return /^ERR_SSL_.*ALERT/.test(errno(error));
}

/** The system's or OpenSSL's word; where several addresses were tried, the AggregateError carries that of the first. */
export function errno(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : "";
}

function inWords(error: Error): string {
  const code = errno(error);
  if (UNTRUSTED.has(code)) {
    return `its certificate is not trusted (${error.message}); give the certificate of the authority that issued it as \`ca\``;
  }
  if (code === "CERT_HAS_EXPIRED" || code === "CERT_NOT_YET_VALID") return `its certificate is not valid now (${error.message})`;
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") return `its certificate is for another host (${error.message})`;
  if (/ALERT_(?:HANDSHAKE_FAILURE|PROTOCOL_VERSION|INSUFFICIENT_SECURITY)$/.test(code)) {
    return `it does not take our certificate, or has no version or cipher in common with us (${code})`;
  }
  if (isAlert(error)) return `it does not take our certificate (${code}); its log says why`;
  // OpenSSL's messages are lines of its log; its codes say as much.
  if (code === "ECONNRESET" || code === "EPROTO" || code.startsWith("ERR_SSL_")) {
    return `what answers does not go on with TLS (${code}); does the node run with -proto_dist inet_tls?`;
  }
  return error.message;
}
