/** Numbers as answers: what is not known is null, and the reason stands beside it. */

export class UnknownFields {
  readonly #reasons: Record<string, string> = {};

  /** The number, or null with the reason noted under the name of the field. */
  number(field: string, value: number | undefined, because: string): number | null {
    if (value !== undefined && Number.isFinite(value)) return value;
    this.#reasons[field] = because;
    return null;
  }

  /** The same for texts. */
  text(field: string, value: string | undefined, because: string): string | null {
    if (value !== undefined && value !== '') return value;
    this.#reasons[field] = because;
    return null;
  }

  /** To be spread into the object that the fields belong to; nothing where all is known. */
  get noted(): { readonly unknown?: Record<string, string> } {
    return Object.keys(this.#reasons).length === 0 ? {} : { unknown: this.#reasons };
  }
}

/** To whole cents, half away from zero, and never to −0. */
export function usd(value: number): number {
  return Math.sign(value) * (Math.round(Math.abs(value) * 100 + 1e-9) / 100) + 0;
}

export function round(value: number, digits: number): number {
  const scale = 10 ** digits;
  return Math.round(value * scale) / scale + 0;
}
