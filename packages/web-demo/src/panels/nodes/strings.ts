// What the panel of nodes says.

export type NodesKey = keyof typeof NODES_STRINGS;

export const NODES_STRINGS = {
  nodes: "Nodes",
  nodesNode: "Node {node}",
  nodesNotNamed: "The node did not name its nodes",
  nodesNone: "It is connected to no node but this page.",
  nodesConnected_one: "{count} connected",
  nodesConnected_other: "{count} connected",
  nodesThisPage: "{node} (this page)",
  nodesThatIsThisPage: "That is this page.",
  nodesGoTo: "Connect to it instead",
  nodesGoToHint: "The bridge has to have it as a target, with the same cookie.",
  nodesName: "Node",
  nodesKind: "Kind",
  nodesState: "State",
  nodesIn: "Packets in",
  nodesOut: "Packets out",
  nodesVisible: "visible",
  nodesHidden: "hidden",
  nodesKnown: "known",
} as const;
