/**
 * Types the same kubectl commands at the playground and at a real control plane and prints both answers side by side.
 *   node hack/kubectl-session.ts [--differences]
 */
import { parseArgs } from 'node:util';
import { type Step, kubectlSession } from '#test/contracts/kubectl/session.ts';
import type { TargetStarter } from '#test/testenv/targets/api-target.ts';
import { PLAYGROUND_TARGET } from '#test/testenv/targets/playground-target.ts';
import { REAL_TARGET } from '#test/testenv/targets/real-target.ts';

const { values } = parseArgs({ options: { differences: { type: 'boolean', default: false } } });
const WIDTH = 90;

async function sessionOn(starter: TargetStarter): Promise<readonly Step[]> {
  const { name } = starter;
  const reason = starter.unavailable();
  if (reason !== undefined) throw new Error(`${name} cannot be started here: ${reason}`);
  process.stderr.write(`kubectl session on ${name}\n`);
  const target = await starter.start('cluster');
  try {
    return await kubectlSession(target);
  } finally {
    await target.stop();
  }
}

function sideBySide(left: string, right: string): string {
  const [a, b] = [left, right].map((text) => text.trimEnd().split('\n'));
  return Array.from({ length: Math.max(a?.length ?? 0, b?.length ?? 0) }, (_, index) => {
    const [one = '', other = ''] = [a?.[index], b?.[index]];
    return `${one === other ? ' ' : '!'} ${one.slice(0, WIDTH).padEnd(WIDTH)} | ${other.slice(0, WIDTH)}`;
  }).join('\n');
}

const playground = await sessionOn(PLAYGROUND_TARGET);
const real = await sessionOn(REAL_TARGET);
let differences = 0;
for (const [index, { command, shown }] of playground.entries()) {
  const other = real[index]?.shown ?? '';
  if (shown !== other) differences += 1;
  if (shown === other && values.differences) continue;
  process.stdout.write(`$ ${command}\n${sideBySide(shown, other)}\n\n`);
}
process.stdout.write(`${playground.length} commands, ${differences} with a difference (playground | real)\n`);
// The playground's timers live as long as the process.
process.exit(differences === 0 ? 0 : 1);
