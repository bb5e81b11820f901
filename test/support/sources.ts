// What the project's own checks read: the files of the repository, and the imports of a TypeScript source as a parser sees them.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type ESTree, parseSync } from "vite";

export interface SourceFile {
  /** From the root of the repository, with `/`. */
  readonly path: string;
  readonly text: string;
}

const ROOT = join(import.meta.dirname, "../..");

/** Every text file of the repository that git keeps or would keep, under the given folders (all of them without any). */
export function readRepository(...folders: string[]): SourceFile[] {
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", ...folders], {
    cwd: ROOT,
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  return listed
    .split("\0")
    .filter((path) => path !== "" && existsSync(join(ROOT, path)))
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), "utf8") }))
    .filter(({ text }) => !text.includes("\0"));
}

/** A file of the repository by its path from the root. */
export function readText(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

export type SyntaxNode = ESTree.Node;

export function parseSource({ path, text }: SourceFile): ESTree.Program {
  const { program, errors } = parseSync(path, text);
  const [error] = errors;
  if (error !== undefined) throw new Error(`${path}: ${error.message}`);
  return program;
}

/** Calls `visit` for the node and all below it; `key` is the field of `parent` that holds the node. */
export function walk(
  node: SyntaxNode,
  visit: (node: SyntaxNode, parent: SyntaxNode | undefined, key: string) => void,
  parent?: SyntaxNode,
  key = "",
): void {
  visit(node, parent, key);
  for (const [field, value] of Object.entries(node)) {
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) walk(child, visit, node, field);
  }
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}

/** Module names in the order of the text: `import`, `export … from`, `import()` and `import("…")` types alike. */
export function importsOf(program: ESTree.Program): string[] {
  const found: string[] = [];
  walk(program, (node) => {
    if (!("source" in node) || node.source === null || node.source === undefined) return;
    found.push(node.source.type === "Literal" ? String(node.source.value) : "(computed)");
  });
  return found;
}
