/** The command line: which commands there are, help, signals, errors. */
import { isKcError, messageOf } from '#errors/kc-error.ts';
import { createLogger, type LogLevel } from '#platform/logger.ts';
import { type Command, type CommandContext, helpText } from './cli/command.ts';
import { processTerminal } from './terminal/process-terminal.ts';
import { VERSION } from './version.ts';

/** Loaded on demand: what one command needs does not weigh on another. In the order of the help. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  demo: async () => (await import('./demo/command.ts')).demoCommand,
  operator: async () => (await import('./operator/command.ts')).operatorCommand,
  optimizer: async () => (await import('./optimizer-api/command.ts')).optimizerCommand,
  estimator: async () => (await import('./estimator/command.ts')).estimatorCommand,
  recommend: async () => (await import('./recommend/command.ts')).recommendCommand,
  cost: async () => (await import('./cost/command.ts')).costCommand,
  power: async () => (await import('./power/command.ts')).powerCommand,
  explain: async () => (await import('./explain/command.ts')).explainCommand,
  approve: async () => (await import('./request/command.ts')).approveCommand,
  rollback: async () => (await import('./request/command.ts')).rollbackCommand,
  accept: async () => (await import('./request/command.ts')).acceptCommand,
  restore: async () => (await import('./restore/command.ts')).restoreCommand,
  playground: async () => (await import('./playground/command.ts')).playgroundCommand,
  manifests: async () => (await import('./manifests/command.ts')).manifestsCommand,
  crds: async () => (await import('./crds/command.ts')).crdsCommand,
};

const HELP = ['help', '--help', '-h'];

/** Runs a command line and returns its exit code: 0 done, 1 failed, 2 not understood. */
export async function runCommandLine(args: readonly string[]): Promise<number> {
  const [name = 'help', ...rest] = args;
  const terminal = processTerminal();
  if (name === 'version' || name === '--version') {
    terminal.write(`kcloud ${VERSION}\n`);
    return 0;
  }
  if (HELP.includes(name)) return help(rest[0], terminal);
  const command = await COMMANDS[name]?.();
  if (command === undefined) {
    terminal.note(`kcloud: there is no command "${name}"\n\n${await overview()}\n`);
    return 2;
  }
  return rest.some((arg) => HELP.slice(1).includes(arg))
    ? help(name, terminal)
    : runCommand(command, rest, terminal);
}

async function help(topic: string | undefined, terminal: CommandContext['terminal']): Promise<number> {
  const command = topic === undefined ? undefined : await COMMANDS[topic]?.();
  terminal.write(`${command === undefined ? await overview() : helpText(command)}\n`);
  return command === undefined && topic !== undefined ? 2 : 0;
}

async function runCommand(
  command: Command,
  args: readonly string[],
  terminal: CommandContext['terminal'],
): Promise<number> {
  const { env } = process;
  const level = (env['LOG_LEVEL'] ?? 'info').toLowerCase() as LogLevel;
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => {
      stop.abort(new Error(name));
    });
  }
  try {
    return await command.run(args, { terminal, env, logger: createLogger(level), signal: stop.signal });
  } catch (error) {
    terminal.note(`kcloud ${command.name}: ${messageOf(error)}\n`);
    return isKcError(error, 'KC_CONFIG_INVALID') ? 2 : 1;
  }
}

async function overview(): Promise<string> {
  const commands = await Promise.all(Object.values(COMMANDS).map((load) => load()));
  const width = Math.max(...commands.map((command) => command.name.length));
  return [
    'kcloud cuts the money and the electricity that workloads burn on Kubernetes, without hurting them.',
    '',
    'Commands:',
    ...commands.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`),
    `  ${'help'.padEnd(width)}  Explain a command: kcloud help <command>.`,
    `  ${'version'.padEnd(width)}  Print the version.`,
  ].join('\n');
}

/** The help of every command, as a page. */
export async function commandReference(): Promise<string> {
  const commands = await Promise.all(Object.values(COMMANDS).map((load) => load()));
  const pages = commands.map(
    (command) => `## kcloud ${command.name}\n\n\`\`\`text\n${helpText(command)}\n\`\`\`\n`,
  );
  return `# Commands\n\n${pages.join('\n')}`;
}
