/** A stream of texts that a test or a fake server writes and a client reads. */
export class TextStream implements AsyncIterable<string> {
  readonly #chunks: string[] = [];
  #wake: (() => void) | undefined;
  #end: { readonly error?: Error } | undefined;

  get open(): boolean {
    return this.#end === undefined;
  }

  push(chunk: string): void {
    if (this.#end === undefined) this.#chunks.push(chunk);
    this.#wake?.();
  }

  /** Ends the stream, in order or with an error. */
  end(error?: Error): void {
    this.#end ??= error === undefined ? {} : { error };
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<string> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) yield chunk;
      else if (this.#end === undefined)
        await new Promise<void>((resolve) => { this.#wake = resolve; }); // prettier-ignore
      else if (this.#end.error === undefined) return;
      else throw this.#end.error;
    }
  }
}
