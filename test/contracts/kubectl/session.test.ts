/** The stock kubectl shows the same on the playground as on a real control plane. */
import { expect, it } from 'vitest';
import { describeTargets } from '../../testenv/targets/describe-targets.ts';
import { type Step, kubectlSession, sessionText } from './session.ts';

/** What the target before this one showed; the real one comes last. */
let before: readonly Step[] | undefined;

function shownBy(steps: readonly Step[], command: string): readonly string[] {
  return steps.filter((step) => step.command === `kubectl ${command}`).map(({ shown }) => shown);
}

describeTargets(
  'a session with kubectl',
  (target) => {
    it('gets through', async () => {
      const steps = await kubectlSession(target());
      expect(shownBy(steps, 'rollout status deployment/web --timeout=60s')).toEqual(
        Array.from({ length: 4 }, () => 'deployment "web" successfully rolled out\n'),
      );
      expect(shownBy(steps, 'get configmap settings -o jsonpath={.data}')).toEqual([
        '{"colour":"blue","size":"1"}',
      ]);
      expect(shownBy(steps, 'top pods')[0]?.match(/web-<hash>/g)).toHaveLength(3);
      expect(shownBy(steps, 'get pods').at(-1)).toBe('No resources found in default namespace.\n');
      if (before !== undefined) expect(sessionText(steps)).toBe(sessionText(before));
      before = steps;
    });
  },
  { level: 'cluster' },
);
