import { define } from "../../define.ts";
import { ErlChart } from "./erl-chart.ts";
import { ErlOverview } from "./erl-overview.ts";

define("erl-chart", ErlChart);
define("erl-overview", ErlOverview);
