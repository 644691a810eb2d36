/**
 * `npm test`: types, style, unit tests, then whole loops on the playground and on real servers, which are built
 * first where they can be. Ends with one line, `N passed, N failed`, in which types and style count as one check
 * each. Reports lie in .kcloud/test-report. On CI (CI=1) what cannot run on real components is a failure.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NO_BUILD_VARIABLE } from '#test/testenv/go-tools/availability.ts';
import { COMPONENTS_FILE_VARIABLE, type ComponentRecord } from '#test/testenv/real-components.ts';
import { type StepOutcome, closingLine, componentLines, exitCodeOf, stepLines, totalOf } from './closing.ts';
import { type Step, prepare, runStep } from './steps.ts';

const REPORT_DIRECTORY = join(import.meta.dirname, '..', '..', '.kcloud', 'test-report');
const COMPONENTS_FILE = join(REPORT_DIRECTORY, 'components.jsonl');

function script(name: string, ...args: readonly string[]): readonly string[] {
  return ['npm', 'run', '--silent', name, ...(args.length === 0 ? [] : ['--', ...args])];
}

function vitestStep(name: string, env: Readonly<Record<string, string>>): Step {
  const reportFile = join(REPORT_DIRECTORY, `${name}.json`);
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
  return { name: `${name} tests`, command: script(`test:${name}`, ...reporters), env, reportFile };
}

/** Real servers that could not be built are not tried again by every suite. */
async function buildRealServers(): Promise<Readonly<Record<string, string>>> {
  const built = await prepare({ name: 'real servers', command: [process.execPath, 'hack/testenv.ts'] });
  return built ? {} : { [NO_BUILD_VARIABLE]: 'building it failed, see "real servers" above' };
}

async function runAll(): Promise<readonly StepOutcome[]> {
  const env = { [COMPONENTS_FILE_VARIABLE]: COMPONENTS_FILE };
  const outcomes = [
    await runStep({ name: 'types', command: script('typecheck') }),
    await runStep({ name: 'style', command: script('lint') }),
    await runStep(vitestStep('unit', env)),
  ];
  const realEnv = { ...env, ...(await buildRealServers()) };
  return [...outcomes, await runStep(vitestStep('system', realEnv))];
}

function readComponents(): readonly ComponentRecord[] {
  if (!existsSync(COMPONENTS_FILE)) return [];
  const lines = readFileSync(COMPONENTS_FILE, 'utf8').split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as ComponentRecord);
}

rmSync(REPORT_DIRECTORY, { recursive: true, force: true });
mkdirSync(REPORT_DIRECTORY, { recursive: true });
const outcomes = await runAll();
const total = totalOf(outcomes);
const lines = [...stepLines(outcomes), ...componentLines(readComponents(), outcomes), closingLine(total)];
writeFileSync(join(REPORT_DIRECTORY, 'closing-line.txt'), `${closingLine(total)}\n`);
process.stdout.write(`\n${lines.join('\n')}\n`);
process.exitCode = exitCodeOf(total);
