/** What a route answers. */

export interface Reply {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export const JSON_TYPE = 'application/json; charset=utf-8';

/** A JSON answer; numbers that are not finite are a defect of who made it, and stop here. */
export function json(value: unknown, status = 200): Reply {
  return { status, contentType: JSON_TYPE, body: jsonText(value) };
}

/** JSON of a part of an answer, under the same rule. */
export function jsonText(value: unknown): string {
  onlyFinite('answer', value);
  return JSON.stringify(value);
}

/** A walk of its own: a replacer would make JSON several times slower. */
function onlyFinite(name: string, value: unknown): void {
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new Error(`the answer holds ${String(value)} in "${name}"`);
  } else if (Array.isArray(value)) {
    for (const one of value) onlyFinite(name, one);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, one] of Object.entries(value)) onlyFinite(key, one);
  }
}

/** A file to be saved. */
export function attachment(body: string, contentType: string, fileName: string): Reply {
  const headers = { 'content-disposition': `attachment; filename="${fileName}"` };
  return { status: 200, contentType, body, headers };
}
