import type { Words } from "../../words.ts";
import type { PanelKey } from "../strings.ts";
import type { TraceKey } from "./strings.ts";

/** What the panel of traces says, and what all panels say. */
export type TraceWords = Words<TraceKey | PanelKey>;
