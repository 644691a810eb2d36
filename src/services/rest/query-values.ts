/** Texts of a query or a path as the types that their schema wants. What does not fit is left for the check to refuse. */
import type { TObject, TSchema } from 'typebox';

type Raw = string | readonly string[] | undefined;

export function readTexts(schema: TObject, raw: Readonly<Record<string, Raw>>): Record<string, unknown> {
  const properties = schema.properties as Readonly<Record<string, TSchema>>;
  return Object.fromEntries(
    Object.entries(raw).map(([name, value]) => {
      const wanted = Object.hasOwn(properties, name) ? properties[name] : undefined;
      return [name, wanted === undefined ? value : readText(typeOf(wanted), value)];
    }),
  );
}

function typeOf(schema: TSchema): unknown {
  return (schema as { readonly type?: unknown }).type;
}

/** As JSON writes numbers: no hexadecimal, no spaces, no Infinity. */
const NUMBER = /^-?\d{1,25}(?:\.\d{1,25})?(?:[eE][+-]?\d{1,3})?$/;

function readText(type: unknown, value: Raw): unknown {
  if (type === 'array') return readList(value);
  if (typeof value !== 'string') return value;
  if (type === 'number' || type === 'integer') return NUMBER.test(value) ? Number(value) : value;
  if (type === 'boolean') return value === 'true' ? true : value === 'false' ? false : value;
  return value;
}

/** Repeated, or separated by commas. */
function readList(value: Raw): unknown {
  return typeof value === 'string' ? value.split(',') : value;
}
