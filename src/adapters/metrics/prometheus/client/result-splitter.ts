/**
 * Cuts a streamed JSON answer into the elements of its one long list, so that an answer of a gigabyte is never held as
 * one text. What remains, the envelope, is a small JSON text of its own.
 */

/**
 * How many brackets are open where the elements stand: in `{"data":{"result":[` three, in `{"data":[` two.
 */
export type ListDepth = 2 | 3;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

export class ResultSplitter {
  readonly #listDepth: ListDepth;
  readonly #onElement: (json: string) => void;
  /** What came before this chunk and belongs to the element or envelope that is open. */
  #carried = '';
  #envelope = '';
  #depth = 0;
  #inText = false;
  #escaped = false;
  #inList = false;
  #inElement = false;
  #afterElement = false;

  /** Calls back with each element that is an object, as its JSON text. */
  constructor(listDepth: ListDepth, onElement: (json: string) => void) {
    this.#listDepth = listDepth;
    this.#onElement = onElement;
  }

  add(chunk: string): void {
    let start = 0;
    for (let index = 0; index < chunk.length; index += 1) {
      const code = chunk.charCodeAt(index);
      if (this.#inText) this.#text(code);
      else if (code === QUOTE) this.#inText = true;
      else if (code === OPEN_BRACE || code === OPEN_BRACKET) start = this.#open(chunk, start, index);
      else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) start = this.#close(chunk, start, index);
      else if (code === COMMA && this.#afterElement) start = this.#separator(chunk, start, index);
    }
    this.#carried += chunk.slice(start);
  }

  /** The answer without the elements. */
  end(): string {
    return this.#envelope + this.#carried;
  }

  #text(code: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (code === BACKSLASH) this.#escaped = true;
    else if (code === QUOTE) this.#inText = false;
  }

  #open(chunk: string, start: number, index: number): number {
    const isObject = chunk.charCodeAt(index) === OPEN_BRACE;
    this.#depth += 1;
    if (this.#depth === this.#listDepth) this.#inList = !isObject;
    if (this.#depth !== this.#listDepth + 1 || !this.#inList || !isObject) return start;
    this.#inElement = true;
    this.#toEnvelope(chunk.slice(start, index));
    return index;
  }

  #close(chunk: string, start: number, index: number): number {
    this.#depth -= 1;
    this.#afterElement = false;
    if (!this.#inElement || this.#depth !== this.#listDepth) return start;
    this.#inElement = false;
    this.#afterElement = true;
    this.#onElement(this.#carried + chunk.slice(start, index + 1));
    this.#carried = '';
    return index + 1;
  }

  /** The comma between two elements belongs to neither, and the envelope is JSON only without it. */
  #separator(chunk: string, start: number, index: number): number {
    this.#afterElement = false;
    this.#toEnvelope(chunk.slice(start, index));
    return index + 1;
  }

  #toEnvelope(text: string): void {
    this.#envelope += this.#carried + text;
    this.#carried = '';
  }
}
