// Believes what a proxy in front has found out: it signs people in, and puts who they are into a header.
import type { Opening } from "./opening.ts";
import type { Grant, Verdict, Verify } from "./verifier.ts";

export interface ProxyHeaderOptions {
  /** As `"x-forwarded-user"`. The proxy must drop one that comes from outside. */
  readonly header: string;
  /** Ids of targets, by default all. */
  readonly targets?: readonly string[] | undefined;
}

/** The grant's id is `proxy:` and the subject. */
export function proxyHeader(options: ProxyHeaderOptions): Verify {
  const name = options.header.toLowerCase();
  const targets: Grant["targets"] = options.targets ?? "all";
  return (opening: Opening): Verdict => {
    if (!opening.isFromProxy) return { denied: "the request came by no trusted proxy" };
    const subject = opening.header(name)?.trim();
    if (subject === undefined || subject === "" || subject.length > 255) return { denied: `the proxy's ${name} names nobody` };
    return { grant: { subject, id: `proxy:${subject}`, targets } };
  };
}
