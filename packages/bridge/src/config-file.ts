// Configuration from outside: a JSON file, and the environment. Wherever a text is expected, `{ "file": "/run/secrets/cookie" }` and
// `{ "env": "COOKIE" }` stand for what that holds, so that a file with no secret in it can be shown to everybody.
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { SECRET_FIELDS, fieldOf } from "./config-schema.ts";

/** Reads a file, with all that it refers to; `from` is where its name comes from. Throws a TypeError that says in one line what cannot be read, or is no JSON. */
export function readConfigFile(path: string, env: NodeJS.ProcessEnv, from = "--config"): Readonly<Record<string, unknown>> {
  const config = parse(readText(path, from), path);
  if (typeof config !== "object" || config === null || Array.isArray(config))
    throw new TypeError(`${path}: it holds no JSON object`);
  // What was an object is one again.
  return resolved(config, [], { folder: dirname(path), env }) as Readonly<Record<string, unknown>>;
}

/** The text of a file without the line's end at its end. */
export function readText(path: string, field: string): string {
  try {
    return readFileSync(path, "utf8").replace(/\r?\n$/, "");
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    throw new TypeError(`${field}: cannot read ${path}: ${WHY.get(code) ?? message}`, { cause: error });
  }
}

/** The configuration for people: secrets are left out, and what is a function is named. */
export function printable(value: unknown, key = ""): unknown {
  if (value === undefined) return undefined;
  if (SECRET_FIELDS.has(key)) return "(secret)";
  if (typeof value === "function") return "(function)";
  if (Array.isArray(value)) return value.map((each) => printable(each));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, printable(each, name)]));
}

const WHY: ReadonlyMap<string, string> = new Map([
  ["ENOENT", "there is no such file"],
  ["EISDIR", "it is a folder"],
  ["EACCES", "this user may not"],
]);

interface Place {
  /** Relative paths start there. */
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new TypeError(`${path}: ${(error as SyntaxError).message}`, { cause: error });
  }
}

function resolved(value: unknown, path: readonly unknown[], place: Place): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((each, index) => resolved(each, [...path, index], place));
  const entries = Object.entries(value);
  const [only, ...more] = entries;
  if (only !== undefined && more.length === 0 && typeof only[1] === "string" && path.length > 0) {
    const [kind, name] = only;
    if (kind === "file") return readText(resolve(place.folder, name), fieldOf(path));
    if (kind === "env") {
      const text = place.env[name];
      if (text === undefined || text === "") throw new TypeError(`${fieldOf(path)}: the environment has no ${name}`);
      return text;
    }
  }
  return Object.fromEntries(entries.map(([key, each]) => [key, resolved(each, [...path, key], place)]));
}
