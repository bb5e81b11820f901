// The layer picture of ARCHITECTURE.md as data, and the check that the sources match it: who may import whom, no cycles,
// and what the protocol layers must not contain.
import { dirname, join } from "node:path/posix";
import type { ESTree } from "vite";
import { importsOf, parseSource, type SourceFile, type SyntaxNode, walk } from "./sources.ts";

interface Layer {
  readonly name: string;
  /** Paths below `packages/`; the first layer that matches owns the file. */
  readonly files: RegExp;
  /** Layers it may import, itself included where its files may import each other. */
  readonly imports: readonly string[];
  /** Modules from elsewhere that it may import. */
  readonly modules?: RegExp;
  /** Sans-IO: synchronous, and no clock, random, timer or console. */
  readonly protocol?: true;
}

const PROTOCOL = ["base", "bytes", "etf", "epmd/messages", "handshake", "distribution"];
const CARRIER = ["carrier part", "byte-stream", "epmd", "bytes", "base"];
const CORE = [...PROTOCOL, "byte-stream", "epmd", "node", "process", "core"];

const LAYERS: readonly Layer[] = [
  { name: "base", files: /^core\/src\/(errors|sending-limits)\.ts$/, imports: [], protocol: true },
  { name: "base", files: /^core\/src\/limits\.ts$/, imports: ["base"], protocol: true },
  { name: "bytes", files: /^core\/src\/bytes\//, imports: ["bytes", "base"], protocol: true },
  { name: "etf", files: /^core\/src\/etf\//, imports: ["etf", "bytes", "base"], modules: /^fflate$/, protocol: true },
  {
    name: "epmd/messages",
    files: /^core\/src\/epmd\/(messages|server-messages|server-session|name-table)\.ts$/,
    imports: ["epmd/messages", "bytes", "base"],
    protocol: true,
  },
  {
    name: "handshake",
    files: /^core\/src\/handshake\//,
    imports: ["handshake", "bytes", "base"],
    protocol: true,
  },
  {
    name: "distribution",
    files: /^core\/src\/distribution\//,
    imports: ["distribution", "handshake", "etf", "bytes", "base"],
    protocol: true,
  },
  { name: "byte-stream", files: /^core\/src\/transports\/byte-stream\.ts$/, imports: ["base"] },
  { name: "epmd", files: /^core\/src\/epmd\//, imports: ["epmd", "epmd/messages", "byte-stream", "bytes", "base"] },
  // These take a process, so that a node may be built without them.
  {
    name: "process",
    files: /^core\/src\/node\/(rpc|erpc|gen-server|io|pg)\.ts$/,
    imports: ["process", "node", ...PROTOCOL],
  },
  { name: "node", files: /^core\/src\/node\//, imports: ["node", "process", "byte-stream", "epmd", ...PROTOCOL] },
  // What carriers share; they do not import each other, so that a page takes along no code for another runtime.
  {
    name: "carrier part",
    files: /^core\/src\/transports\/(?!nodejs|(memory|websocket|cloudflare|deno|bun|pipe)\.ts)/,
    imports: CARRIER,
  },
  {
    name: "carrier for Node.js",
    files: /^core\/src\/transports\/nodejs(-[a-z-]+)?\.ts$/,
    imports: ["carrier for Node.js", ...CARRIER],
    modules: /^node:/,
  },
  { name: "carrier for Deno and Bun", files: /^core\/src\/transports\/(deno|bun)\.ts$/, imports: ["carrier for Node.js"] },
  {
    name: "carrier for Cloudflare",
    files: /^core\/src\/transports\/cloudflare\.ts$/,
    imports: CARRIER,
    // Computed: bundlers for pages must not look for cloudflare:sockets.
    modules: /^(cloudflare:sockets|\(computed\))$/,
  },
  { name: "carrier", files: /^core\/src\/transports\//, imports: CARRIER },
  { name: "core", files: /^core\/src\/index\.ts$/, imports: CORE },
  {
    name: "bridge stages",
    files: /^bridge\/src\/policy\/(stage|handshake-cutter|handshake-gate|packet-gate|link-stage|names)\.ts$/,
    imports: ["bridge stages"],
    modules: /^@erl-dist\/core(\/handshake|\/transports\/bridge-protocol)?$/,
    protocol: true,
  },
  {
    name: "bridge policy",
    files: /^bridge\/src\/policy\//,
    imports: ["bridge stages", "bridge policy"],
    modules: /^(jose$|@erl-dist\/core(\/handshake|\/transports\/bridge-protocol)?$)/,
  },
  {
    name: "bridge",
    files: /^bridge\/src\//,
    imports: ["bridge", "bridge policy", "bridge stages"],
    modules: /^(node:|ws$|valibot$|@erl-dist\/core(\/|$))/,
  },
  {
    name: "web-demo",
    files: /^web-demo\/src\//,
    imports: ["web-demo"],
    modules: /^(lit(\/|$)|@lit\/context$|uplot$|@xterm\/|get-east-asian-width$|@erl-dist\/core(\/|$))/,
  },
  {
    name: "worker",
    files: /^worker\/src\//,
    imports: ["worker"],
    modules: /^(cloudflare:|jose$|@erl-dist\/core(\/|$)|@erl-dist\/bridge\/policy$)/,
  },
];

/** One sentence for each place where the sources differ from the picture. */
export function layerViolations(files: readonly SourceFile[]): string[] {
  const violations: string[] = [];
  const graph = new Map<string, string[]>();
  for (const file of files) {
    const layer = layerOf(file.path);
    if (layer === undefined) {
      violations.push(`${file.path} belongs to no layer`);
      continue;
    }
    const program = parseSource(file);
    const targets: string[] = [];
    graph.set(file.path, targets);
    for (const specifier of importsOf(program)) {
      if (specifier.startsWith(".")) targets.push(join(dirname(file.path), specifier.replace(/\?.*$/, "")));
      else if (!layer.modules?.test(specifier)) violations.push(`${file.path} (${layer.name}) must not import "${specifier}"`);
    }
    for (const target of targets) {
      const other = layerOf(target);
      if (other === undefined) violations.push(`${file.path} imports ${target}, which belongs to no layer`);
      else if (!layer.imports.includes(other.name) || isNodeOf(layer, target))
        violations.push(`${file.path} (${layer.name}) must not import ${target} (${other.name})`);
    }
    violations.push(...contentViolations(file.path, program, layer));
  }
  return [...violations, ...cycles(graph)];
}

function layerOf(path: string): Layer | undefined {
  return LAYERS.find(({ files }) => files.test(path.replace(/^packages\//, "")));
}

function isNodeOf(layer: Layer, target: string): boolean {
  return layer.name === "process" && target === "packages/core/src/node/node.ts";
}

function cycles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): void => {
    const start = path.indexOf(file);
    if (start >= 0) found.push(`cycle: ${[...path.slice(start), file].join(" > ")}`);
    if (start >= 0 || done.has(file)) return;
    path.push(file);
    for (const target of graph.get(file) ?? []) visit(target);
    path.pop();
    done.add(file);
  };
  for (const file of graph.keys()) visit(file);
  return found;
}

// `globalThis` is here because it leads to all the others.
const NOT_IN_PROTOCOL = new Set([
  ..."Date Temporal performance Promise crypto globalThis".split(" "),
  ..."setTimeout setInterval setImmediate clearTimeout clearInterval clearImmediate queueMicrotask".split(" "),
]);

function contentViolations(path: string, program: ESTree.Program, layer: Layer): string[] {
  const found: string[] = [];
  const report = (what: string): void => void found.push(`${path} (${layer.name}) must not contain ${what}`);
  for (const statement of program.body) {
    const declaration = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
    if (declaration?.type !== "VariableDeclaration") continue;
    if (declaration.kind === "let" || declaration.kind === "var") report(`a module-level ${declaration.kind}`);
  }
  walk(program, (node, parent, key) => {
    if (node.type === "Identifier" && !isKey(parent, key)) {
      if (node.name === "console" && path.startsWith("packages/core/")) report("console");
      if (layer.protocol && NOT_IN_PROTOCOL.has(node.name)) report(node.name);
    }
    if (!layer.protocol) return;
    if (isRandom(node)) report("Math.random");
    if ("async" in node && node.async) report("an async function");
    if (node.type === "AwaitExpression" || (node.type === "ForOfStatement" && node.await)) report("await");
  });
  return found;
}

// A name after a dot, or before a colon, names a field and not the global.
function isKey(parent: SyntaxNode | undefined, key: string): boolean {
  return (key === "property" || key === "key") && parent !== undefined && "computed" in parent && !parent.computed;
}

function isRandom(node: SyntaxNode): boolean {
  if (node.type !== "MemberExpression" || node.object.type !== "Identifier" || node.object.name !== "Math") return false;
  return node.computed || ("name" in node.property && node.property.name === "random");
}
