/** What a command is, and how the help of one is written. */
import type { Logger } from '#platform/logger.ts';
import { type Flag, type Flags, type ParsedFlags, parseFlags } from './flags.ts';

/** Where a command reads from and writes to. */
export interface Terminal {
  /** Results. */
  write(text: string): void;
  /** Progress and everything that is not a result. */
  note(text: string): void;
  /** Whether results go to a person at a terminal. */
  readonly interactive: boolean;
  readonly columns: number;
}

export interface CommandContext {
  readonly terminal: Terminal;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly logger: Logger;
  /** Aborted when the user or the system asks the process to end. */
  readonly signal: AbortSignal;
}

/** A command whose flags are not yet parsed. */
export interface Command {
  readonly name: string;
  /** One line, for the list of commands. */
  readonly summary: string;
  /** How it is called and what it is for. */
  readonly usage: string;
  readonly flags: Flags;
  /** Returns the exit code. */
  run(args: readonly string[], context: CommandContext): Promise<number>;
}

interface Declaration<F extends Flags> {
  readonly name: string;
  readonly summary: string;
  readonly usage: string;
  readonly flags: F;
  readonly run: (parsed: ParsedFlags<F>, context: CommandContext) => Promise<number>;
}

export function defineCommand<const F extends Flags>(declaration: Declaration<F>): Command {
  const { flags, run } = declaration;
  return { ...declaration, run: (args, context) => run(parseFlags(flags, args, context.env), context) };
}

/** The help of one command: usage, then every flag with its default and its variables. */
export function helpText(command: Command): string {
  const rows = Object.entries(command.flags).map(([name, flag]) => flagHelp(name, flag));
  return [command.summary, '', command.usage, ...(rows.length > 0 ? ['', 'Flags:', ...rows] : [])].join('\n');
}

function flagHelp(name: string, flag: Flag): string {
  const short = flag.short === undefined ? '    ' : `-${flag.short}, `;
  const variables = flag.env === undefined ? '' : ` [$${flag.env.join(', $')}]`;
  const shown = flag.type === 'switch' && flag.default === true ? `no-${name}` : name;
  return `  ${short}--${shown}${valueHelp(flag)}\n        ${flag.describe}${defaultHelp(flag)}${variables}`;
}

function valueHelp(flag: Flag): string {
  if (flag.type === 'switch') return '';
  return flag.type === 'text' && flag.choices !== undefined
    ? ` <${flag.choices.join('|')}>`
    : ` <${flag.type}>`;
}

function defaultHelp(flag: Flag): string {
  const value = flag.type === 'text' || flag.type === 'number' ? flag.default : undefined;
  return value === undefined ? '' : ` (default ${value})`;
}
