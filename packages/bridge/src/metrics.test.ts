import { expect, it } from "vitest";
import type { LinkRecord } from "./link-record.ts";
import { Metrics } from "./metrics.ts";

const RECORD: LinkRecord = {
  link: 1,
  ip: "::1",
  by: "page",
  code: 1000,
  reason: "",
  toNodeBytes: 10,
  toPageBytes: 20,
  durationMs: 1_500,
};
const IDLE = { bytes: 0, bufferedBytes: 0, peakBufferedBytes: 0, paused: false };

/** The numbers, by name and labels. */
function numbers(metrics: Metrics, links: Parameters<Metrics["text"]>[0] = []): Readonly<Record<string, string>> {
  const lines = metrics
    .text(links)
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  return Object.fromEntries(lines.map((line) => line.split(/ (?=\S+$)/) as [string, string]));
}

it("adds what is there to what is gone", () => {
  const metrics = new Metrics();
  metrics.opened();
  metrics.opened();
  metrics.ended({ ...RECORD, dialMs: 7, handshakeMs: 30 });
  const link = { toNode: { ...IDLE, bytes: 5, bufferedBytes: 3, paused: true }, toPage: { ...IDLE, bytes: 7 } };
  expect(numbers(metrics, [link])).toMatchObject({
    erl_bridge_links: "1",
    erl_bridge_links_opened_total: "2",
    'erl_bridge_links_ended_total{by="page",code="1000"}': "1",
    'erl_bridge_bytes_total{direction="to_node"}': "15",
    'erl_bridge_bytes_total{direction="to_page"}': "27",
    'erl_bridge_buffered_bytes{direction="to_node"}': "3",
    'erl_bridge_paused_links{direction="to_node"}': "1",
    'erl_bridge_paused_links{direction="to_page"}': "0",
    'erl_bridge_dial_seconds_bucket{le="0.005"}': "0",
    'erl_bridge_dial_seconds_bucket{le="0.01"}': "1",
    'erl_bridge_dial_seconds_bucket{le="+Inf"}': "1",
    erl_bridge_dial_seconds_sum: "0.007",
    erl_bridge_handshake_seconds_count: "1",
    erl_bridge_link_seconds_sum: "1.5",
  });
});

it("makes no new label for what a page likes to say, and holds nothing of who it was", () => {
  const metrics = new Metrics();
  for (let code = 3000; code < 5000; code++) metrics.ended({ ...RECORD, code, subject: `ann${code}`, reason: "x", detail: "y" });
  metrics.ended({ ...RECORD, by: "bridge", code: 4401 });
  const ends = Object.entries(numbers(metrics)).filter(([name]) => name.startsWith("erl_bridge_links_ended_total"));
  expect(ends.length).toBeLessThan(50);
  expect(Object.fromEntries(ends)).toMatchObject({ 'erl_bridge_links_ended_total{by="bridge",code="4401"}': "1" });
  expect(metrics.text([])).not.toContain("ann");
});
