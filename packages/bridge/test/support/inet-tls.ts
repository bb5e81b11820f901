// A node that speaks TLS with other nodes, and with nobody whose certificate it does not know.
import { placeFiles, type Release } from "../../../../test/support/otp.ts";
import type { Certificate } from "../../../core/test/support/certificate.ts";

export interface InetTls extends Disposable {
  /** For `startErl`, whose node has to end before this is disposed of. */
  readonly args: readonly string[];
}

/** PEM texts: whom it trusts, and what it shows. */
export function inetTls(release: Release, { ca, cert, key }: Certificate & { readonly ca: string }): InetTls {
  const pems = placeFiles(release, { "ca.pem": ca, "cert.pem": cert, "key.pem": key });
  const path = (name: string): string => `"${pems.folder}/${name}.pem"`;
  const options = `[{cacertfile, ${path("ca")}}, {certfile, ${path("cert")}}, {keyfile, ${path("key")}}, {verify, verify_peer}]`;
  const conf = placeFiles(release, {
    "dist.conf": `[{server, [{fail_if_no_peer_cert, true} | ${options}]}, {client, ${options}}].`,
  });
  return {
    args: ["-proto_dist", "inet_tls", "-ssl_dist_optfile", `${conf.folder}/dist.conf`],
    [Symbol.dispose]() {
      pems.remove();
      conf.remove();
    },
  };
}
