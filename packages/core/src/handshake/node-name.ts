// Full node names. OTP sends them as Latin-1 in one message and as UTF-8 in another, and refuses what is not ASCII with
// words that help nobody, so we refuse it here.

export interface NodeName {
  /** The part before the `@`: what EPMD knows. */
  readonly alive: string;
  readonly host: string;
}

/** An atom has at most 255 characters. */
const MAX_CHARACTERS = 255;

/** The parts of a full node name; undefined for anything else (see `checkNodeName` for why). */
export function splitNodeName(name: string): NodeName | undefined {
  if (nameProblem(name) !== undefined) return undefined;
  const at = name.indexOf("@");
  return { alive: name.slice(0, at), host: name.slice(at + 1) };
}

/** Throws a RangeError (or another error), with the reason, for what is not a full node name. */
export function checkNodeName(name: string, Problem: new (message: string) => Error = RangeError): void {
  const problem = nameProblem(name);
  if (problem !== undefined) throw new Problem(`${JSON.stringify(name)} is not a full node name, as "app@host" is: ${problem}`);
}

/** Throws RangeError for what cannot be the part after the `@`. */
export function checkHost(host: string): void {
  if (!isHost(host)) throw new RangeError(`${JSON.stringify(host)} is not a host, as "127.0.0.1" or "example.org" is`);
}

export function isHost(host: string): boolean {
  return host.length > 0 && characterProblem(host) === undefined && !host.includes("@");
}

function nameProblem(name: string): string | undefined {
  const at = name.indexOf("@");
  if (at < 0) return "it has no @";
  if (name.indexOf("@", at + 1) > 0) return "it has more than one @";
  if (at === 0) return "nothing is before the @";
  if (at === name.length - 1) return "nothing is after the @";
  return characterProblem(name);
}

function characterProblem(name: string): string | undefined {
  if (name.length > MAX_CHARACTERS) return `it has more than ${MAX_CHARACTERS} characters`;
  return /^[!-~]*$/.test(name) ? undefined : "it has characters other than visible ASCII";
}
