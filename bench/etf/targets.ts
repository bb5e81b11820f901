// What the codec shall reach: how many times faster than another, in the same run. Taken from what a prototype reached, less 10
// to 20 %.
import type { Direction } from "./worker.ts";

export interface Target {
  readonly payload: string;
  readonly direction: Direction;
  readonly codec: string;
  readonly atLeast: number;
}

const TEXT = `
a decode JSON 1.7 msgpackr 2.1
a2 decode JSON 1.7 msgpackr 1.3
b decode JSON 1.8 msgpackr 2.1 erlpack 6 Erlang 1.1
c1 decode JSON 1.05 erlpack 7
c2 decode JSON 8
c3 decode JSON 1.5 msgpackr 0.4 erlpack 6
c4 decode JSON 0.45
e decode JSON 1.7 msgpackr 1.3 Erlang 1.3
g decode JSON 5.5
g2 decode JSON 1.7
h decode JSON 0.8 JSON+UTF-8 1.2 erlpack 3.2
h2 decode JSON 1.45 msgpackr 2.3 erlpack 6
a encode JSON 0.85 msgpackr 1.7
a2 encode JSON 0.8 msgpackr 1.8
b encode JSON 1 msgpackr 1.6 erlpack 7
c1 encode JSON 0.85 erlpack 12
c2 encode JSON 4.3
c3 encode JSON 2.4
c4 encode JSON 0.8
d encode JSON 2
d2 encode JSON 2
e encode JSON 1 msgpackr 1.7
g encode JSON 4.8
g2 encode JSON 3.8
h encode JSON 1.1 erlpack 3.9
h2 encode JSON 1.5 erlpack 5.2
`;

export const TARGETS: readonly Target[] = TEXT.trim()
  .split("\n")
  .flatMap((line) => {
    const [payload = "", direction = "", ...pairs] = line.split(" ");
    return pairs.flatMap((codec, index) =>
      index % 2 === 0
        ? [
            {
              payload,
              direction: direction as Direction,
              codec: codec.replace("JSON+UTF-8", "JSON and UTF-8"),
              atLeast: Number(pairs[index + 1]),
            },
          ]
        : [],
    );
  });
