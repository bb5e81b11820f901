// What draws for the node: it takes the requests that a `group` process sends to its driver, and gives what a terminal is to be
// written. OTP 25 and OTP 26 have different ones, with different meanings of the same words.
import type { ScreenRequest } from "./screen-request.ts";

export interface Screen {
  /** Performs a request; gives the characters for the terminal. */
  perform(request: ScreenRequest): string;
  /** Text that comes from elsewhere than the shell, above the line that is being edited. */
  print(text: string): string;
  /** What stands between the node's last output and now, prompt included: the line that is being edited. */
  readonly line: string;
  /** Characters to take the edited line away, to be drawn again by `draw` when the terminal has another size. */
  erase(): string;
  draw(): string;
}

/** The size as it is at the moment. */
export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}
