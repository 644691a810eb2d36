/** Pods for tests: of one container that has just begun, changed where a case needs it. */
import type { Pod } from '#apis/kubernetes/builtin.ts';
import { STARTUP_BOOST } from '#apis/optimization.k8s.io/v1/cost-optimization.ts';
import type { FieldMap } from '../change/field.ts';
import { type Boost, boostText } from './boost.ts';

export const STARTED = Date.parse('2026-11-21T10:00:00Z');
export const REQUEST = 'containers/app/requests/cpu';
export const LIMIT = 'containers/app/limits/cpu';

export interface StartingPod {
  readonly request?: string;
  readonly limit?: string;
  readonly mark?: Boost | string;
  readonly readyAtMs?: number;
  readonly pod?: Partial<Pod>;
  readonly status?: Pod['status'];
}

export function startingPod({ request = '500m', limit, mark, readyAtMs, ...more }: StartingPod = {}): Pod {
  const text = typeof mark === 'object' ? boostText(mark) : mark;
  const ready = readyAtMs === undefined ? 'False' : 'True';
  const lastTransitionTime = new Date(readyAtMs ?? STARTED).toISOString();
  return {
    metadata: {
      name: 'web-1',
      namespace: 'shop',
      ...(text === undefined ? {} : { annotations: { [STARTUP_BOOST]: text } }),
    },
    spec: {
      containers: [
        {
          name: 'app',
          resources: {
            requests: { cpu: request, memory: '1Gi' },
            limits: { memory: '1Gi', ...(limit === undefined ? {} : { cpu: limit }) },
          },
        },
      ],
    },
    ...more.pod,
    status: {
      phase: 'Running',
      startTime: new Date(STARTED).toISOString(),
      conditions: [{ type: 'Ready', status: ready, lastTransitionTime }],
      ...more.status,
    },
  };
}

export function boostTo(boosted: FieldMap, original: FieldMap): Boost {
  return { original, boosted };
}
