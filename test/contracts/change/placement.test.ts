/** Patches of placement and plans, as a real API server merges them: what is applied reads back, what is restored is what was. */
import { describe, expect, it } from 'vitest';
import type { Deployment } from '#apis/kubernetes/builtin.ts';
import { type FieldMap, placementPath, SCALING_PLAN } from '#domain/change/field.ts';
import { placementOf, readPlacementFields } from '#domain/change/placement-objects.ts';
import { readScalingPlan, workloadPatch } from '#domain/change/workload-objects.ts';
import { formatPlan } from '#domain/scheduled-scaling/plan.ts';
import { CAPACITY_LABELS } from '#domain/spot/capacity-label.ts';
import { ruleFields, tolerationField } from '#domain/spot/spot-fields.ts';
import { DEPLOYMENTS } from '#kube/client/builtin-types.ts';
import { describeTargets } from '../../testenv/targets/describe-targets.ts';

const KEY = 'karpenter.sh/capacity-type';
const [KARPENTER] = CAPACITY_LABELS;

type Template = NonNullable<NonNullable<Deployment['spec']>['template']['spec']>;

function deployment(name: string, spec: Partial<Template>): Deployment {
  return {
    metadata: { name, namespace: 'default' },
    spec: {
      replicas: 0,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'app', image: 'nginx:1.27-alpine' }], ...spec },
      },
    },
  };
}

/** What others may have written there already. */
const TEMPLATES: Readonly<Record<string, Partial<Template>>> = {
  bare: {},
  settled: {
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/arch', operator: 'Exists' }] }],
        },
        preferredDuringSchedulingIgnoredDuringExecution: [
          { weight: 7, preference: { matchExpressions: [{ key: 'disk', operator: 'In', values: ['ssd'] }] } },
        ],
      },
    },
    tolerations: [{ key: 'team', operator: 'Equal', value: 'a', effect: 'NoSchedule' }],
    topologySpreadConstraints: [
      { maxSkew: 1, topologyKey: 'topology.kubernetes.io/zone', whenUnsatisfiable: 'ScheduleAnyway' },
    ],
  },
};

function changesFor(name: string): FieldMap {
  if (KARPENTER === undefined) throw new Error('no label');
  const scope = { selector: { matchLabels: { app: name } }, revisionLabel: 'pod-template-hash' };
  return {
    ...ruleFields({ prefer: 'spot', maxSkew: 6 }, KARPENTER, scope),
    ...tolerationField({ key: KEY, value: 'spot', effect: 'NoSchedule' }),
    [SCALING_PLAN]: formatPlan({
      timeZone: 'UTC',
      windows: [{ days: ['Mon'], from: '20:00', to: '07:00', replicas: 2 }],
    }),
  };
}

describeTargets('placement and plans', (target) => {
  describe.each(Object.keys(TEMPLATES))('on a template that is %s', (kind) => {
    it('read back as they were written, and are taken away without a trace', async () => {
      const { client } = target();
      const name = `placed-${kind}`;
      const key = { namespace: 'default', name };
      const before = await client.create(DEPLOYMENTS, deployment(name, TEMPLATES[kind] ?? {}));
      const changes = changesFor(name);
      const fieldsOf = (found: Deployment): FieldMap => ({
        ...readPlacementFields(placementOf(found.spec?.template.spec), Object.keys(changes)),
        ...readScalingPlan(found),
      });
      const write = async (found: Deployment, fields: FieldMap): Promise<Deployment> => {
        const { resourceVersion = '' } = found.metadata ?? {};
        const body = workloadPatch(fields, {
          resourceVersion,
          placement: placementOf(found.spec?.template.spec),
        });
        return client.patch(DEPLOYMENTS, key, { patch: 'strategic', body, fieldManager: 'test' });
      };
      const original = fieldsOf(before);
      const after = await write(before, changes);
      expect(fieldsOf(after)).toEqual(changes);
      expect(placementOf(after.spec?.template.spec).topologySpreadConstraints).toHaveLength(
        kind === 'bare' ? 1 : 2,
      );
      const restored = await write(after, original);
      expect(restored.spec).toEqual(before.spec);
      expect(restored.metadata?.annotations).toEqual(before.metadata?.annotations);
      await client.delete(DEPLOYMENTS, key);
    });
  });
});

describe('the fields of a split', () => {
  it('are three paths of one label', () => {
    expect(Object.keys(changesFor('x'))).toEqual([
      placementPath({ part: 'preference', key: KEY }),
      placementPath({ part: 'spread', key: KEY }),
      placementPath({ part: 'toleration', key: KEY }),
      SCALING_PLAN,
    ]);
  });
});
