/** What Kubernetes adds for texts: regular expressions, replacement, formatting, URLs and addresses. */
import type { Environment } from '@marcbachmann/cel-js';
import { isIP } from 'node:net';

function find(text: string, pattern: string): string {
  return new RegExp(pattern, 'u').exec(text)?.[0] ?? '';
}

function findAll(text: string, pattern: string, limit = -1): readonly string[] {
  const found = [...text.matchAll(new RegExp(pattern, 'gu'))].map(([match]) => match);
  return limit < 0 ? found : found.slice(0, limit);
}

function replace(text: string, from: string, to: string): string {
  return text.replaceAll(from, () => to);
}

/** Replaces the first occurrences only. */
function replaceSome(...[text, from, to, limit]: readonly [string, string, string, bigint]): string {
  if (limit < 0n) return replace(text, from, to);
  const parts = text.split(from);
  const count = Math.min(Number(limit), parts.length - 1);
  return [parts.slice(0, count + 1).join(to), ...parts.slice(count + 1)].join(from);
}

/** `%s`, `%d`, `%f` and `%%`. */
function format(pattern: string, values: readonly unknown[]): string {
  let index = 0;
  return pattern.replace(/%(?:\.(\d+))?([sdf%])/g, (_match, digits: string | undefined, verb: string) => {
    if (verb === '%') return '%';
    const value = values[index];
    index += 1;
    return verb === 'f' ? Number(value).toFixed(digits === undefined ? 6 : Number(digits)) : String(value);
  });
}

function isUrl(text: string): boolean {
  return URL.canParse(text) || text.startsWith('/');
}

export function addTextFunctions(environment: Environment): void {
  environment
    .registerFunction('string.find(string): string', find)
    .registerFunction('string.findAll(string): list<string>', (text: string, pattern: string) =>
      findAll(text, pattern),
    )
    .registerFunction(
      'string.findAll(string, int): list<string>',
      (text: string, pattern: string, limit: bigint) => findAll(text, pattern, Number(limit)),
    )
    .registerFunction('string.replace(string, string): string', replace)
    .registerFunction('string.replace(string, string, int): string', replaceSome)
    .registerFunction('string.charAt(int): string', (text: string, index: bigint) =>
      text.charAt(Number(index)),
    )
    .registerFunction('string.format(list): string', format)
    .registerFunction('isURL(string): bool', isUrl)
    .registerFunction('isIP(string): bool', (text: string) => isIP(text) !== 0);
}
