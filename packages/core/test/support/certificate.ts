import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Certificate {
  /** PEM texts. */
  readonly key: string;
  readonly cert: string;
}

const CURVE = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
// OTP 25 looks for an address among the names.
const LOCALHOST = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1,DNS:127.0.0.1"];

/** A fresh key and self-signed certificate for localhost and 127.0.0.1. Made by openssl, in no file. */
export function selfSigned(): Certificate {
  return request(LOCALHOST);
}

export interface Authority {
  /** The authority's own certificate, for those who shall trust it. */
  readonly ca: string;
  /** A certificate for localhost and 127.0.0.1, good for either side of a connection. */
  readonly issue: () => Certificate;
}

/** An authority that nobody else trusts. */
export function throwAwayAuthority(): Authority {
  const authority = request(["-subj", "/CN=Throw-away", "-addext", "basicConstraints=critical,CA:TRUE"]);
  return {
    ca: authority.cert,
    issue() {
      const folder = mkdtempSync(join(tmpdir(), "erl-dist-ca-"));
      try {
        // openssl reads the authority from files only.
        writeFileSync(join(folder, "ca.pem"), authority.cert);
        writeFileSync(join(folder, "ca.key"), authority.key);
        const by = ["-CA", join(folder, "ca.pem"), "-CAkey", join(folder, "ca.key")];
        return request([...by, ...LOCALHOST, "-addext", "basicConstraints=CA:FALSE"]);
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  };
}

function request(args: readonly string[]): Certificate {
  const pem = execFileSync("openssl", ["req", "-x509", ...CURVE, ...args, "-days", "2", "-keyout", "-", "-out", "-"], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [key = "", cert = ""] = pem.split(/(?=-----BEGIN CERTIFICATE)/);
  return { key, cert };
}
