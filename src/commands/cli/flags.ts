/**
 * Flags of a command, declared once: parsing, environment variables, defaults and the help text all come from the
 * declaration. Precedence: command line, then environment, then default.
 */
import { parseArgs } from 'node:util';
import { KcError, messageOf } from '#errors/kc-error.ts';

interface FlagBase {
  readonly describe: string;
  /** Environment variables that set it, the first that is set wins. */
  readonly env?: readonly string[];
  readonly short?: string;
}

export type Flag =
  | (FlagBase & { readonly type: 'text'; readonly default?: string; readonly choices?: readonly string[] })
  /** One that is on by default is switched off by `--no-<name>`. */
  | (FlagBase & { readonly type: 'switch'; readonly default?: boolean })
  | (FlagBase & {
      readonly type: 'number';
      readonly default?: number;
      readonly min?: number;
      readonly max?: number;
    })
  | (FlagBase & { readonly type: 'list' });

export type Flags = Readonly<Record<string, Flag>>;

type ValueOf<F extends Flag> = F extends { type: 'switch' }
  ? boolean
  : F extends { type: 'list' }
    ? readonly string[]
    : F extends { type: 'number' }
      ? F extends { default: number }
        ? number
        : number | undefined
      : F extends { default: string }
        ? string
        : string | undefined;

/** The values of declared flags, by name. */
export type FlagValues<F extends Flags> = { readonly [K in keyof F]: ValueOf<F[K]> };

export interface ParsedFlags<F extends Flags> {
  readonly values: FlagValues<F>;
  readonly positionals: readonly string[];
}

/** Keeps the literal types of a declaration. */
export function defineFlags<const F extends Flags>(flags: F): F {
  return flags;
}

/** Parses arguments. Throws KC_CONFIG_INVALID, naming the flag or variable, for anything it does not understand. */
export function parseFlags<F extends Flags>(
  flags: F,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): ParsedFlags<F> {
  const parsed = parse(flags, args);
  const values: Record<string, unknown> = {};
  for (const [name, flag] of Object.entries(flags)) {
    const given = parsed.values[name];
    const variable = flag.env?.find((candidate) => (env[candidate] ?? '') !== '');
    const from = given === undefined && variable !== undefined ? variable : `--${name}`;
    values[name] = read(flag, given ?? (variable === undefined ? undefined : env[variable]), from);
  }
  return { values: values as FlagValues<F>, positionals: parsed.positionals };
}

type RawValue = string | boolean | readonly (string | boolean)[] | undefined;

function parse(
  flags: Flags,
  args: readonly string[],
): { values: Record<string, RawValue>; positionals: string[] } {
  const options = Object.fromEntries(
    Object.entries(flags).map(([name, flag]) => [
      name,
      {
        type: flag.type === 'switch' ? ('boolean' as const) : ('string' as const),
        multiple: flag.type === 'list',
        ...(flag.short === undefined ? {} : { short: flag.short }),
      },
    ]),
  );
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, allowNegative: true, strict: true });
  } catch (error) {
    throw new KcError('KC_CONFIG_INVALID', { problem: messageOf(error), cause: error });
  }
}

function read(flag: Flag, raw: RawValue, from: string): unknown {
  switch (flag.type) {
    case 'switch':
      return raw === undefined ? flag.default === true : isOn(raw);
    case 'list':
      return readList(raw);
    case 'number':
      return raw === undefined ? flag.default : readNumber(flag, Number(raw), from);
    case 'text':
      return typeof raw === 'string' ? readText(flag, raw, from) : flag.default;
  }
}

function isOn(raw: RawValue): boolean {
  return raw === true || raw === 'true' || raw === '1';
}

/** Repeated on the command line, separated by commas in a variable. */
function readList(raw: RawValue): readonly (string | boolean)[] {
  if (typeof raw === 'string') return raw.split(',').map((part) => part.trim());
  return typeof raw === 'object' ? raw : [];
}

function readNumber(flag: Extract<Flag, { type: 'number' }>, value: number, from: string): number {
  const { min = -Infinity, max = Infinity } = flag;
  if (Number.isFinite(value) && value >= min && value <= max) return value;
  throw new KcError('KC_CONFIG_INVALID', { field: from, problem: `must be a number from ${min} to ${max}` });
}

function readText(flag: Extract<Flag, { type: 'text' }>, value: string, from: string): string {
  if (flag.choices === undefined || flag.choices.includes(value)) return value;
  throw new KcError('KC_CONFIG_INVALID', {
    field: from,
    problem: `"${value}" is not one of ${flag.choices.join(', ')}`,
  });
}
