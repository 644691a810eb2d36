/** Where a price list comes from, and how one learns that it changed without reading it again. */
import { readFileSync, statSync } from 'node:fs';
import { KcError, messageOf } from '#errors/kc-error.ts';
import { httpGet } from './http-get.ts';

/** A list with the mark by which it is known again. */
export interface PriceText {
  readonly text: string;
  readonly mark: string;
}

export interface PriceSource {
  /** For people, without credentials. */
  readonly name: string;
  /** The list, or undefined where it is the one with this mark. Rejects with KC_PRICES_UNAVAILABLE. */
  read(mark: string | undefined): Promise<PriceText | undefined>;
}

/** A file; one that is mounted from a ConfigMap is followed through its links. */
export class PriceFile implements PriceSource {
  readonly name: string;

  constructor(path: string) {
    this.name = path;
  }

  read(mark: string | undefined): Promise<PriceText | undefined> {
    return Promise.try(() => this.readNow(mark));
  }

  readNow(mark: string | undefined): PriceText | undefined {
    try {
      const { mtimeMs, size, ino } = statSync(this.name);
      const present = `${String(mtimeMs)}/${String(size)}/${String(ino)}`;
      return present === mark ? undefined : { text: readFileSync(this.name, 'utf8'), mark: present };
    } catch (error) {
      throw unavailable(this.name, error);
    }
  }
}

/** An address that answers GET with the list; unchanged ones are told by ETag or Last-Modified. */
export class PriceUrl implements PriceSource {
  readonly name: string;
  readonly #url: URL;

  /** Throws KC_CONFIG_INVALID for what is no http or https address. */
  constructor(address: string) {
    const url = URL.parse(address);
    if (url === null || !['http:', 'https:'].includes(url.protocol)) {
      throw new KcError('KC_CONFIG_INVALID', {
        field: '--price-list',
        problem: `"${address}" is no address`,
      });
    }
    this.#url = url;
    this.name = `${url.origin}${url.pathname}`;
  }

  async read(mark: string | undefined): Promise<PriceText | undefined> {
    try {
      const answer = await httpGet(this.#url, conditions(mark));
      return answer.status === 304 ? undefined : { text: answer.text, mark: markOf(answer.headers) };
    } catch (error) {
      throw unavailable(this.name, error);
    }
  }
}

const ETAG = 'etag ';
const MODIFIED = 'modified ';

function markOf({
  etag,
  modified,
}: {
  readonly etag: string | undefined;
  readonly modified: string | undefined;
}): string {
  if (etag !== undefined) return `${ETAG}${etag}`;
  return modified === undefined ? '' : `${MODIFIED}${modified}`;
}

function conditions(mark = ''): Record<string, string> {
  if (mark.startsWith(ETAG)) return { 'if-none-match': mark.slice(ETAG.length) };
  return mark.startsWith(MODIFIED) ? { 'if-modified-since': mark.slice(MODIFIED.length) } : {};
}

function unavailable(name: string, cause: unknown): KcError {
  return new KcError('KC_PRICES_UNAVAILABLE', { object: name, problem: messageOf(cause), cause });
}
