import { execFileSync } from "node:child_process";

/** A fresh key and self-signed certificate for localhost and 127.0.0.1, as one PEM text each. Made by openssl, in no file. */
export function selfSigned(): { readonly key: string; readonly cert: string } {
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-days", "2"];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const pem = execFileSync("openssl", ["req", "-x509", ...curve, ...subject, "-keyout", "-", "-out", "-"], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [key = "", cert = ""] = pem.split(/(?=-----BEGIN CERTIFICATE)/);
  return { key, cert };
}
