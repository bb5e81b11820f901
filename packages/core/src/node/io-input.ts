// The characters that wait to be read from a device, and where more of them come from.

/**
 * What a reader gives to say that the input is at its end. It is never said unless the program says so: a shell that reads
 * the end of its input stops, and on OTP 25 takes its whole node along.
 */
export const EOF: unique symbol = Symbol("end of file");

/**
 * Gives the next line; the prompt is shown by whoever asks the user. A newline is added where the line has none. Undefined when
 * nobody will ever answer: readers are then told `{error, terminated}`.
 */
export type IoReader = (prompt: string, options: { readonly echo: boolean }) => IoInputText | Promise<IoInputText>;

export type IoInputText = string | typeof EOF | undefined;

/** The reader said that there is no more, without saying that this is the end of a file. */
export const TERMINATED: unique symbol = Symbol("terminated");

export class IoInput {
  readonly #reader: IoReader | undefined;
  #text = "";
  /** What stands behind the text: the end of the file, which is read once, or nothing ever. */
  #end: typeof EOF | typeof TERMINATED | undefined;
  #wake: (() => void) | undefined;

  constructor(reader: IoReader | undefined) {
    this.#reader = reader;
  }

  /** Appends characters, as typed on a terminal, or the end of the file. */
  push(text: string | typeof EOF): void {
    if (text === EOF) this.#end ??= EOF;
    else this.#text += text.replaceAll("\r\n", "\n");
    this.#wake?.();
  }

  /** Nothing comes any more; who reads is told so. */
  terminate(): void {
    this.#end = TERMINATED;
    this.#wake?.();
  }

  /** Puts characters back that were read too much. */
  putBack(text: string): void {
    this.#text = text + this.#text;
  }

  /**
   * Up to and including the next newline, or what stands before the end. `ask` is called when there is nothing left and
   * nobody but `push` brings more: it shows the prompt.
   */
  async line(prompt: string, ask: (prompt: string) => void, echo: boolean): Promise<string | typeof EOF | typeof TERMINATED> {
    let asked = false;
    for (;;) {
      const length = this.#text.indexOf("\n") + 1;
      if (length > 0) return this.#take(length);
      if (this.#end !== undefined) return this.#last();
      if (this.#reader !== undefined) {
        this.#append(await this.#reader(prompt, { echo }));
        continue;
      }
      if (!asked) ask(prompt);
      asked = true;
      await new Promise<void>((resolve) => (this.#wake = resolve));
      this.#wake = undefined;
    }
  }

  #append(line: IoInputText): void {
    if (typeof line === "string") this.push(line.endsWith("\n") ? line : `${line}\n`);
    else this.#end = line ?? TERMINATED;
  }

  #take(length: number): string {
    const taken = this.#text.slice(0, length);
    this.#text = this.#text.slice(length);
    return taken;
  }

  #last(): string | typeof EOF | typeof TERMINATED {
    if (this.#text !== "") return this.#take(this.#text.length);
    const end = this.#end ?? TERMINATED;
    // After the end of a file a terminal goes on.
    if (end === EOF) this.#end = undefined;
    return end;
  }
}
