// LICENSES.txt beside the built files: the licences of the packages whose code is in them, as these packages have them. The files are
// minified, and what their licences ask for would else be missing.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

export const NOTICES = "LICENSES.txt";

/** Packages that come without a file of their licence, and the one of the same authors and repository that has it. */
const SAME_LICENCE: Readonly<Record<string, string>> = { "@xterm/addon-serialize": "../xterm" };

export function thirdPartyNotices(): Plugin {
  return {
    name: "third-party-notices",
    generateBundle(_options, bundle) {
      const chunks = Object.values(bundle).flatMap((part) => (part.type === "chunk" ? [part] : []));
      const roots = new Set(chunks.flatMap(({ modules }) => Object.keys(modules).flatMap((path) => packageRoot(path) ?? [])));
      const own = readFileSync(join(import.meta.dirname, "LICENSE"), "utf8").trim();
      const others = [...roots].map(noticeOf).toSorted((a, b) => (a < b ? -1 : 1));
      const introduction = `The files beside this one hold erl-dist and the packages named below.\n\n# erl-dist\n\n${own}`;
      this.emitFile({ type: "asset", fileName: NOTICES, source: `${[introduction, ...others].join("\n\n")}\n` });
    },
  };
}

/** Where the package of a module is; undefined for our own modules. */
export function packageRoot(path: string): string | undefined {
  // The last of several is the package; its name may have a scope.
  return /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1];
}

function noticeOf(root: string): string {
  // The fields that every package on npm has.
  const { name, version, license } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Record<string, string>;
  const folder = join(root, SAME_LICENCE[name ?? ""] ?? "");
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  if (file === undefined) throw new Error(`${name} has no file with its licence in ${folder}: say where its notice is`);
  return `# ${name} ${version} (${license})\n\n${readFileSync(join(folder, file), "utf8").trim()}`;
}
