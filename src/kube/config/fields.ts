/** Reads fields of parsed YAML or JSON, with errors that say where they stand. */
import { KcError } from '#errors/kc-error.ts';

export class Fields {
  readonly #record: Readonly<Record<string, unknown>>;
  /** Where these fields stand, for messages. */
  readonly place: string;

  /** Throws KC_KUBECONFIG_INVALID where `value` is not an object; nothing counts as an empty one. */
  constructor(value: unknown, place: string) {
    if (typeof (value ?? {}) !== 'object' || Array.isArray(value)) throw wrong(place, 'must be an object');
    this.#record = (value ?? {}) as Record<string, unknown>;
    this.place = place;
  }

  /** A text, or undefined where it is absent or empty. */
  text(name: string): string | undefined {
    const value = this.#record[name] ?? '';
    if (typeof value !== 'string') throw wrong(this.#at(name), 'must be a text');
    return value === '' ? undefined : value;
  }

  requiredText(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw wrong(this.#at(name), 'is missing');
    return value;
  }

  flag(name: string): boolean {
    const value = this.#record[name] ?? false;
    if (typeof value !== 'boolean') throw wrong(this.#at(name), 'must be true or false');
    return value;
  }

  texts(name: string): readonly string[] {
    const value: unknown = this.#record[name] ?? [];
    if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) {
      throw wrong(this.#at(name), 'must be a list of texts');
    }
    return value;
  }

  /** Each element of a list of objects. */
  list(name: string): readonly Fields[] {
    const value: unknown = this.#record[name] ?? [];
    if (!Array.isArray(value)) throw wrong(this.#at(name), 'must be a list');
    return value.map((item: unknown, index) => new Fields(item, `${this.#at(name)}[${String(index)}]`));
  }

  child(name: string): Fields | undefined {
    const value = this.#record[name];
    return value === undefined || value === null ? undefined : new Fields(value, this.#at(name));
  }

  /** The names of all fields. */
  names(): readonly string[] {
    return Object.keys(this.#record);
  }

  #at(name: string): string {
    return this.place === '' ? name : `${this.place}.${name}`;
  }
}

function wrong(field: string, problem: string): KcError {
  return new KcError('KC_KUBECONFIG_INVALID', { field, problem });
}
