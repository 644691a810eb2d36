/**
 * Makes answers of different servers comparable. What differs from run to run (uids, versions, times, addresses,
 * tokens) is replaced by names that tell only whether two of them were the same.
 */

/** Gives each distinct value the next name: `<uid-1>`, `<uid-2>`. */
class Names {
  readonly #known = new Map<string, string>();
  readonly #prefix: string;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  of(value: string): string {
    const known = this.#known.get(value);
    if (known !== undefined) return known;
    const name = `<${this.#prefix}-${String(this.#known.size + 1)}>`;
    this.#known.set(value, name);
    return name;
  }
}

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)/g;
const SERVICE_ADDRESS = /\b10\.\d+\.\d+\.\d+\b/g;
const TOKEN = /eyJ[\w-]+\.[\w-]+\.[\w-]+/g;
const AGE = /^(?:\d+[smh])+$|^<invalid>$/;

export class Normaliser {
  readonly #uids = new Names('uid');
  readonly #versions = new Names('version');
  readonly #generated = new Names('generated');

  /** The same value with what varies replaced. */
  value(value: unknown): unknown {
    if (typeof value === 'string') return this.text(value);
    if (Array.isArray(value)) return value.map((item) => this.value(item));
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).map(([name, inner]) => [name, this.#field(name, inner, value)]);
    return Object.fromEntries(entries) as unknown;
  }

  text(text: string): string {
    return AGE.test(text)
      ? '<age>'
      : text
          .replaceAll(UUID, (uid) => this.#uids.of(uid))
          .replaceAll(TIME, '<time>')
          .replaceAll(TOKEN, '<token>')
          .replaceAll(/(?<=kube-api-access-)[a-z0-9]{5}/g, '<generated>')
          .replaceAll(/(?<=resourceVersion: )"\d+"/g, '<version>')
          .replaceAll(SERVICE_ADDRESS, '<address>')
          .replaceAll(/(?<=resourceVersion=|in record \()\d+/g, '<version>')
          .replaceAll(/(?<=continue=)eyJ[\w%-]+/g, '<continue>')
          // The whole object, as each server happens to order its keys.
          .replaceAll(/Invalid value: "\{.*?\}": /gs, 'Invalid value: <object>: ');
  }

  #field(name: string, value: unknown, parent: object): unknown {
    if (name === 'resourceVersion' && typeof value === 'string') return this.#version(value, parent);
    if (name === 'continue' && value !== '') return '<continue>';
    if (name === 'fieldsV1') return this.text(JSON.stringify(sorted(value)));
    if (name === 'metadata' && isGenerated(value)) return this.#generatedMeta(value);
    return this.value(value);
  }

  /** That of a list is the server's own, which other writers move. */
  #version(version: string, parent: object): string {
    if (version === '' || version === '0') return version;
    return 'name' in parent || 'creationTimestamp' in parent ? this.#versions.of(version) : '<version>';
  }

  #generatedMeta(metadata: { readonly generateName: string; readonly name: string }): unknown {
    const { generateName, name, ...rest } = metadata;
    const suffix = name.slice(generateName.length);
    const isAsGenerated = name.startsWith(generateName) && /^[bcdfghjklmnpqrstvwxz2456789]{5}$/.test(suffix);
    const shown = isAsGenerated ? generateName + this.#generated.of(name) : name;
    return { generateName, name: shown, ...(this.value(rest) as object) };
  }
}

function isGenerated(value: unknown): value is { readonly generateName: string; readonly name: string } {
  return typeof value === 'object' && value !== null && 'generateName' in value && 'name' in value;
}

/** With the keys of every object in order. */
export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, inner]) => [name, sorted(inner)]));
}
