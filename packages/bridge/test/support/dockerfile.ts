// Runs a Dockerfile without a container engine: each stage is a folder, in which absolute paths begin. It shows that the lines work
// with what the build is given; not that the base image has what this machine has besides Node.js and npm.
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

export interface Image {
  /** Where its absolute paths begin. */
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  readonly user: string | undefined;
  readonly stopSignal: string | undefined;
  /** With paths as this machine has them. */
  readonly entrypoint: readonly string[];
  readonly healthcheck: readonly string[];
}

type Instruction = readonly [name: string, rest: string];

/** Builds into that folder. Throws for an instruction that it does not know, and when one fails. */
export function buildImage(dockerfile: string, context: string, folder: string): Image {
  const ignored = ignoredBy(readFileSync(`${dockerfile}.dockerignore`, "utf8"));
  const stages = new Map<string, Stage>();
  let stage: Stage | undefined;
  for (const [name, rest] of instructionsOf(readFileSync(dockerfile, "utf8"))) {
    if (name === "FROM") {
      const [, tag = "", alias = "last"] = /^node:(\d+)-slim(?: AS (\w+))?$/.exec(rest) ?? [];
      if (tag !== process.versions.node.split(".")[0]) throw new Error(`${rest}: this is Node.js ${process.version}`);
      stage = new Stage(join(folder, alias));
      stages.set(alias, stage);
      continue;
    }
    if (stage === undefined) throw new Error(`${name} comes before FROM`);
    const [, from, what = "", where = ""] = /^(?:--from=(\w+) )?(\S+) (\S+)$/.exec(name === "COPY" ? rest : "") ?? [];
    if (name !== "COPY") stage.take(name, rest);
    else if (from === undefined) copyContext(context, stage.path(where), ignored);
    else cpSync((stages.get(from) ?? stage).path(what), stage.path(where), { recursive: true, verbatimSymlinks: true });
  }
  if (stage === undefined) throw new Error(`${dockerfile} has no FROM`);
  return stage;
}

class Stage implements Image {
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  user: string | undefined;
  stopSignal: string | undefined;
  entrypoint: readonly string[] = [];
  healthcheck: readonly string[] = [];
  #workdir = "/";

  constructor(root: string) {
    this.root = root;
    const bin = join(root, "usr/local/bin");
    mkdirSync(bin, { recursive: true });
    mkdirSync(join(root, "tmp"));
    copyFileSync(process.execPath, join(bin, "node"));
    chmodSync(join(bin, "node"), 0o755);
    // Nothing from the repository's own node_modules, whose programs the build has to bring by itself.
    const npm = dirname(execFileSync("which", ["npm"], { encoding: "utf8" }).trim());
    this.env = { TMPDIR: join(root, "tmp"), PATH: [bin, npm, "/usr/bin", "/bin"].join(delimiter) };
  }

  path(path: string): string {
    return join(this.root, path.startsWith("/") ? path : join(this.#workdir, path));
  }

  take(name: string, rest: string): void {
    switch (name) {
      case "WORKDIR":
        this.#workdir = rest;
        mkdirSync(this.path("."), { recursive: true });
        return;
      case "RUN":
        execFileSync("sh", ["-ec", rest.replaceAll(/(?<=\s)\/(?=\w)/g, `${this.root}/`)], {
          cwd: this.path("."),
          // Proxies and authorities that this machine needs for the registry come with its environment.
          env: { ...process.env, ...this.env, npm_config_prefer_offline: "true" },
          encoding: "utf8",
          stdio: ["ignore", "pipe", "pipe"],
        });
        return;
      case "USER":
        this.user = rest;
        return;
      case "STOPSIGNAL":
        this.stopSignal = rest;
        return;
      case "ENTRYPOINT":
        this.entrypoint = this.#words(rest);
        return;
      case "HEALTHCHECK":
        this.healthcheck = this.#words(rest.replace(/^CMD /, ""));
        return;
      case "EXPOSE":
        return;
      default:
        throw new Error(`${name} is not known here`);
    }
  }

  #words(json: string): string[] {
    return (JSON.parse(json) as string[]).map((word) => (word.startsWith("/") ? join(this.root, word) : word));
  }
}

/** Without comments, and with lines that a backslash continues joined. */
function instructionsOf(text: string): Instruction[] {
  const lines = text.replaceAll(/^\s*#.*\n/gm, "").replaceAll(/\\\n/g, " ");
  return lines
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line): Instruction => {
      const [, name = "", rest = ""] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
      return [name, rest.trim()];
    });
}

/** Of a .dockerignore: the last pattern that matches a path or a folder above it decides. */
function ignoredBy(text: string): (path: string) => boolean {
  const patterns = text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const glob = line.replace(/^!/, "");
      const source = glob.replaceAll(".", "\\.").replaceAll(/\*\*\/|\*/g, (stars) => (stars === "*" ? "[^/]*" : "(?:.*/)?"));
      return { isException: line.startsWith("!"), regExp: new RegExp(`^${source}(?:/.*)?$`) };
    });
  return (path) => patterns.findLast(({ regExp }) => regExp.test(path))?.isException === false;
}

function copyContext(from: string, to: string, ignored: (path: string) => boolean, folder = ""): void {
  for (const entry of readdirSync(join(from, folder), { withFileTypes: true })) {
    const path = join(folder, entry.name);
    // No exception of ours is within what is ignored.
    if (ignored(path)) continue;
    if (entry.isDirectory()) {
      copyContext(from, to, ignored, path);
    } else {
      mkdirSync(join(to, folder), { recursive: true });
      copyFileSync(join(from, path), join(to, path));
    }
  }
}
