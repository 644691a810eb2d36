/** `kcloud demo`: the newcomer's minute. */
import { messageOf } from '#errors/kc-error.ts';
import { type CommandContext, defineCommand } from '../cli/command.ts';
import { defineFlags, type FlagValues } from '../cli/flags.ts';
import { DemoWorld } from './demo-world.ts';
import { endingKeys, processScreen } from '../terminal/process-screen.ts';
import { runLive } from './live/run-live.ts';
import { tellNext } from './story/conclude.ts';
import type { PassingTime } from './story/passing-time.ts';
import type { Report } from './story/report.ts';
import { Stage } from './story/stage.ts';
import { clockText } from './story/telling.ts';
import { tellStory } from './story/story.ts';

const flags = defineFlags({
  seed: { type: 'number', default: 1, min: 0, describe: 'decides everything that happens' },
  once: { type: 'switch', describe: 'end after the report, also on a terminal' },
  fast: { type: 'switch', describe: 'leave out the pauses for reading' },
  color: { type: 'switch', default: true, describe: 'no colours; NO_COLOR does the same' },
  output: { type: 'text', short: 'o', default: 'text', choices: ['text', 'json'], describe: 'json: the report alone, for machines' },
  traces: { type: 'text', describe: 'folder of recorded usage, in place of generated load' },
}); // prettier-ignore

/** The report stays before the eyes so long before the live view covers it. */
const READING_MS = 12_000;

type Values = FlagValues<typeof flags>;

export const demoCommand = defineCommand({
  name: 'demo',
  summary: 'A simulated AI cluster: savings found, applied, verified, and one rolled back.',
  usage: [
    'kcloud demo [--seed <number>] [--once] [--fast] [--no-color] [-o json] [--traces <folder>]',
    '',
    'Needs nothing but Node: the cluster is simulated in this process, the operator is the one that is shipped. After',
    'the report it goes on live on a terminal until q or Ctrl-C, and ends by itself elsewhere. Fails where a scene does',
    'not come about as told.',
  ].join('\n'),
  flags,
  run: async ({ values }, context) => {
    try {
      return await run(values, context);
    } catch (error) {
      if (!context.signal.aborted) throw error;
      context.terminal.note(`stopped (${messageOf(error)})\n`);
      return 130;
    }
  },
});

async function run(values: Values, context: CommandContext): Promise<number> {
  const { terminal } = context;
  const stage = stageOf(values, context);
  const isMachine = values.output === 'json';
  const demo = await DemoWorld.create({ seed: values.seed, traces: values.traces });
  try {
    const { report, time } = await tellStory(demo, stage, values.seed);
    if (isMachine) terminal.write(`${JSON.stringify(report, null, 2)}\n`);
    else tellNext(stage);
    if (terminal.interactive && !values.once && !isMachine) {
      await watch({ demo, time, report, stage, signal: context.signal });
    }
    return 0;
  } finally {
    demo.stop();
  }
}

interface Watch {
  readonly demo: DemoWorld;
  readonly time: PassingTime;
  readonly report: Report;
  readonly stage: Stage;
  readonly signal: AbortSignal;
}

async function watch({ demo, time, report, stage, signal }: Watch): Promise<void> {
  stage.say('', 'It goes on live in a moment; q or Ctrl-C ends it.');
  {
    using keys = endingKeys(signal);
    await stage.pause(READING_MS, keys.signal).catch(() => undefined);
    const { beforeUsdPerMonth } = report;
    const { colour } = stage;
    await runLive({ demo, time, beforeUsdPerMonth, colour, screen: processScreen(), signal: keys.signal });
  }
  stage.say('', `Ended at ${clockText(demo.nowMs)}; the cluster is gone, nothing was left behind.`);
}

/** The story goes where people read; beside a report for machines that is standard error. */
function stageOf(values: Values, { terminal, env, signal }: CommandContext): Stage {
  const isMachine = values.output === 'json';
  const isWatched = terminal.interactive && !isMachine;
  return new Stage({
    write: (text) => {
      if (isMachine) terminal.note(text);
      else terminal.write(text);
    },
    colour: isWatched && values.color && (env['NO_COLOR'] ?? '') === '',
    columns: isWatched ? terminal.columns : undefined,
    redraws: isWatched,
    paced: isWatched && !values.fast,
    signal,
  });
}
