// What the panel of ETS tables says.

export type EtsKey = keyof typeof ETS_STRINGS;

export const ETS_STRINGS = {
  etsTables: "ETS tables",
  etsTable: "Table {table}",
  etsFilterHint: "name or owner",
  etsNotListed: "The tables could not be listed",
  etsNotRead: "The table could not be read",
  etsNone: "The node has no tables.",
  etsNoMatch: "No table matches the filter.",
  etsPrivate: "The table is private: only its owner can read it.",
  etsGone: "The table has gone.",
  etsEmpty: "The table is empty.",
  etsCount_one: "{count} table",
  etsCount_other: "{count} tables",
  etsShown: "{shown} of {all}",
  etsLargest: "the {listed} largest of {total}",
  etsAbout: "{type}, {protection}, owner {owner}",
  etsObjects_one: "{count} object",
  etsObjects_other: "{count} objects",
  etsLarge: "{size} of large objects, load?",
  etsLoad: "Load them",
  etsNext: "Next {count}",
  etsFull: "More than {count} objects are not read here.",
  etsName: "Table",
  etsSize: "Objects",
  etsMemory: "Memory",
  etsType: "Type",
  /** The type of one that is there no more. */
  etsDeleted: "deleted",
  etsProtection: "Protection",
  etsOwner: "Owner",
} as const;
