// A registry that lacks a platform package makes `npm install` write a lockfile without it, and nobody notices before
// `npm ci` fails on another machine. So the lockfile is read here.
import { expect, it } from "vitest";
import { readRepository, readText } from "./support/sources.ts";

interface Dependencies {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}
interface LockedPackage extends Dependencies {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly inBundle?: boolean;
}
type Packages = Readonly<Record<string, LockedPackage>>;

const { packages } = JSON.parse(readText("package-lock.json")) as { packages: Packages };
const manifests = readRepository("package.json", "packages/*/package.json").map(({ path, text }) => ({
  folder: path.replace(/\/?package\.json$/, ""),
  manifest: JSON.parse(text) as Dependencies,
}));

/** Optional dependencies (the builds for each platform) of locked packages that are not locked themselves. */
function missingOptional(locked: Packages): string[] {
  return Object.entries(locked).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter((name) => !lookupPaths(path, name).some((place) => place in locked))
      .map((name) => `${path} needs ${name}`),
  );
}

// As Node.js looks a package up: beside the one that asks, then outwards.
function lookupPaths(path: string, name: string): string[] {
  const parts = path === "" ? [] : path.split("/node_modules/");
  const places = parts.map((_, depth) => `${parts.slice(0, depth + 1).join("/node_modules/")}/node_modules/${name}`);
  return [...places, `node_modules/${name}`];
}

/** Packages with an address that ties the lockfile to one registry, or without the hash that frees it from all. */
function unlocked(locked: Packages): string[] {
  return Object.entries(locked)
    .filter(([path, entry]) => path.includes("node_modules/") && entry.link !== true)
    .filter(([, entry]) => entry.resolved !== undefined || (entry.integrity === undefined && entry.inBundle !== true))
    .map(([path]) => path);
}

function inexact({ dependencies, devDependencies, optionalDependencies }: Dependencies): string[] {
  return Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })
    .filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
    .map(([name]) => name);
}

function undecided(names: readonly string[], decisions: string): string[] {
  const words = new Set(decisions.split(/[\s`|,;()[\]]+/));
  return names.filter((name) => !words.has(name));
}

const FIELDS = ["dependencies", "devDependencies", "optionalDependencies"] as const;
const namesOf = (manifest: Dependencies): string[] => FIELDS.flatMap((field) => Object.keys(manifest[field] ?? {}));

it("locks every platform's build of every package", () => {
  expect(Object.keys(packages).length).toBeGreaterThan(100);
  expect(missingOptional(packages)).toEqual([]);
});

it("locks by hash, and by no registry's address", () => {
  expect(unlocked(packages)).toEqual([]);
  expect(readText("package-lock.json")).not.toMatch(/https?:\/\/[^"]*\.tgz/);
});

it("locks what the manifests ask for, and they ask for exact versions", () => {
  expect(manifests.map(({ folder }) => folder)).toContain("packages/core");
  expect(manifests.flatMap(({ manifest }) => inexact(manifest))).toEqual([]);
  const wanted = manifests.map(({ folder, manifest }) => [folder, FIELDS.map((field) => manifest[field])]);
  expect(manifests.map(({ folder }) => [folder, FIELDS.map((field) => packages[folder]?.[field])])).toEqual(wanted);
});

it("gives the reason for every dependency in docs/DECISIONS.md", () => {
  const names = manifests.flatMap(({ manifest }) => namesOf(manifest)).filter((name) => !name.startsWith("@erl-dist/"));
  expect(undecided([...new Set(names)], readText("docs/DECISIONS.md"))).toEqual([]);
});

it("notices a platform that was left out, an address, a missing hash, a range and a dependency without a reason", () => {
  const optionalDependencies = { "a-linux": "1.0.0", "a-mac": "1.0.0" };
  const locked = {
    "node_modules/a": { version: "1.0.0", integrity: "sha512-x", optionalDependencies },
    "node_modules/a/node_modules/a-linux": {
      version: "1.0.0",
      resolved: "https://registry.example/a.tgz",
      integrity: "sha512-x",
    },
    "node_modules/b": { version: "1.0.0" },
    "node_modules/c/node_modules/a-mac": { version: "1.0.0", integrity: "sha512-x" },
  };
  expect(missingOptional(locked)).toEqual(["node_modules/a needs a-mac"]);
  expect(unlocked(locked)).toEqual(["node_modules/a/node_modules/a-linux", "node_modules/b"]);
  expect(inexact({ dependencies: { a: "^1.0.0", b: "1.0.0-rc.1" }, devDependencies: { c: "latest" } })).toEqual(["a", "c"]);
  expect(undecided(["ws", "vite"], "| `vitest` | … |\n| `ws` | … |")).toEqual(["vite"]);
});
