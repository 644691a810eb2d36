/** Why a body cannot be read as its kind, in the words of Go's decoder. */

/** A step of the path to the value being read: a field, a list index or a map's key. */
export type PathStep = string | number | { readonly key: string };

/** The value does not fit the type; the message lacks the name of the kind. */
export class DecodeError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'DecodeError';
  }
}

/** How Go calls the type of a JSON value. */
export function goKindOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return value === null ? 'null' : typeof value;
}

/** `spec.containers[0].image`. */
export function pathText(steps: readonly PathStep[]): string {
  let text = '';
  for (const step of steps) {
    if (typeof step === 'number') text += `[${step}]`;
    else text += `${text === '' ? '' : '.'}${typeof step === 'string' ? step : step.key}`;
  }
  return text;
}

/** The path as Go's type errors print it: without list indices and map keys. */
export function goPathText(steps: readonly PathStep[]): string {
  return steps.filter((step) => typeof step === 'string').join('.');
}
