/** Label matchers in PromQL. */

/** A text as a PromQL string literal. */
export function literal(text: string): string {
  return JSON.stringify(text);
}

const SPECIAL = /[\\^$.|?*+()[\]{}]/g;

/** A text that a regular expression of RE2 matches literally. */
export function escapeRegex(text: string): string {
  return text.replace(SPECIAL, '\\$&');
}

/** `name="a"`, or `name=~"a|b"`. */
export function oneOf(name: string, values: readonly string[]): string {
  const [only] = values;
  if (values.length === 1 && only !== undefined) return `${name}=${literal(only)}`;
  return `${name}=~${literal(values.map(escapeRegex).join('|'))}`;
}

/** `name!~"a|b"`. */
export function noneOf(name: string, values: readonly string[]): string {
  return `${name}!~${literal(values.map(escapeRegex).join('|'))}`;
}

/** `{a="b",c="d"}` from matchers, empty ones left out. */
export function selector(matchers: readonly string[]): string {
  return `{${matchers.filter((matcher) => matcher !== '').join(',')}}`;
}
