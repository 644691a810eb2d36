/** Which mutating webhooks are asked again, since something changed after they had their say. */
export class MutationRound {
  #isSecond = false;
  #isAnotherWanted = false;
  readonly #asked = new Set<string>();
  readonly #again = new Set<string>();

  /** The whole of admission is to run once more. */
  get isAnotherWanted(): boolean {
    return this.#isAnotherWanted;
  }

  /** Begins the second round; `isChanged` where the object changed after the last webhook. */
  beginSecond(isChanged: boolean): void {
    this.#isSecond = true;
    if (isChanged) this.#askAgain();
  }

  /** Nobody is asked for the first time in the second round. */
  skips(id: string): boolean {
    return this.#isSecond && !this.#again.has(id);
  }

  /** A webhook changed the object. */
  noteChange(): void {
    this.#askAgain();
    this.#isAnotherWanted = true;
  }

  /** A webhook that wants to be asked again was asked. */
  noteAsked(id: string): void {
    this.#asked.add(id);
  }

  #askAgain(): void {
    for (const id of this.#asked) this.#again.add(id);
    this.#asked.clear();
  }
}
