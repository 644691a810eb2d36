import { describe, expect, it } from 'vitest';
import type { Event } from '#apis/kubernetes/builtin.ts';
import { withoutStyles } from '../terminal/fit.ts';
import { displayWidth } from '../terminal/table.ts';
import { DEMO_NODES } from './fleet/demo-nodes.ts';
import { DEMO_WORKLOADS } from './fleet/demo-workloads.ts';
import { demoOptimizations } from './fleet/optimizations.ts';
import { withRecordedTraces } from './fleet/recorded-load.ts';
import { dashboard, type LiveFacts } from './live/dashboard.ts';
import { Newsfeed } from './story/newsfeed.ts';
import { disturbance } from './story/optimize.ts';
import { clockText, dollars, shortMessage } from './story/telling.ts';

const NOW = Date.UTC(2026, 0, 5, 10, 30);

const FACTS: LiveFacts = {
  nowMs: NOW,
  nodes: 12,
  pods: 91,
  reservedCores: 132.4,
  totalCores: 256,
  reservedBytes: 433 * 2 ** 30,
  beforeUsdPerMonth: 7300,
  usdPerHour: [10, 8, 6],
  rows: [
    {
      workload: 'web/api',
      type: 'ALL',
      phase: 'Applied',
      steps: 2,
      measuredUsdPerMonth: 220.5,
      bookedUsd: 6.5,
      message: 'applied and verified',
    },
    {
      workload: 'web/billing',
      type: 'ALL',
      phase: 'Ready',
      steps: 0,
      measuredUsdPerMonth: undefined,
      bookedUsd: undefined,
      message: 'GitOps',
    },
  ],
  news: Array.from({ length: 30 }, (_, index) => ({
    atMs: NOW + index,
    subject: `web/w${index}`,
    reason: 'OptimizationApplied',
    word: 'applied',
    style: 'cyan',
    message: `cpu_request ${index} → 1`,
  })),
};

describe('the live view', () => {
  it('fills the screen exactly, the latest events below', () => {
    const lines = dashboard(FACTS, { columns: 100, rows: 24, colour: false });
    expect(lines).toHaveLength(24);
    expect(lines[0]).toContain('Mon 10:30');
    expect(lines[3]).toBe('$6.00/h reserved = $4,380/month, before: $7,300; saved so far: $6.50');
    expect(lines[4]).toBe('█▇▅');
    expect(lines.at(-1)).toBe('Mon 10:30  web/w29                    applied      cpu 29 → 1');
  });

  it('leaves what is not known empty', () => {
    const lines = dashboard(FACTS, { columns: 100, rows: 24, colour: false });
    expect(lines.find((line) => line.startsWith('web/billing'))).toMatch(
      /^web\/billing +ALL +Ready +GitOps$/,
    );
  });

  it('drops events before optimizations, and those before the money, on a small screen', () => {
    for (const rows of [0, 1, 5, 9, 12]) {
      expect(dashboard(FACTS, { columns: 80, rows, colour: true }).length).toBeLessThanOrEqual(rows);
    }
    const small = dashboard(FACTS, { columns: 80, rows: 10, colour: false });
    expect(small.join('\n')).toContain('web/billing');
    expect(small.join('\n')).not.toContain('web/w29');
  });

  it('says the same with colours', () => {
    const [plain, coloured] = [false, true].map((colour) =>
      dashboard(FACTS, { columns: 100, rows: 24, colour }).map(withoutStyles),
    );
    expect(coloured).toEqual(plain);
    expect(Math.max(...(plain ?? []).map(displayWidth))).toBeLessThan(100);
  });
});

describe('the words of the demo', () => {
  it('are the time and the money of people', () => {
    expect(clockText(NOW)).toBe('Mon 10:30');
    expect(dollars(1234.5)).toBe('$1,235');
    expect(dollars(-17.931, 2)).toBe('−$17.93');
    expect(dollars(-0.001, 2)).toBe('$0.00');
  });

  it.each([
    ['OptimizationApplied', 'cpu_request 2 → 1, cpu_limit 2 → 1, memory_request 4Gi → 2Gi', 'cpu 2 → 1, memory 4Gi → 2Gi'],
    ['OptimizationApplied', 'cpu_request 2 → 1, cpu_limit 4 → 2', 'cpu 2 → 1, cpu_limit 4 → 2'],
    ['OptimizationApplied', 'replicas 5 → 4', 'replicas 5 → 4'],
    ['RecommendationReady', 'right_size_cpu costs $18.93 more a month: cpu_request=2, cpu_limit=2', 'right_size_cpu costs $18.93 more a month: cpu 2'],
    ['OptimizationVerified', 'no harm seen for 15 min', 'no harm seen for 15 min'],
  ])('%s: tell a limit only where it moves by itself', (reason, message, told) => {
    expect(shortMessage({ reason, message })).toBe(told);
  }); // prettier-ignore
});

describe('what the changes cost the pods', () => {
  it('is counted, not claimed', () => {
    const before = new Map([
      ['a', 0],
      ['b', 1],
    ]);
    expect(disturbance(before, new Map([...before, ['new', 0]]))).toMatch(/none was restarted/);
    expect(disturbance(before, new Map([['a', 1]]))).toBe('2 of 2 pods were restarted or replaced');
  });
});

function event(reason: string, more: Partial<Event> = {}): Event {
  return {
    metadata: { uid: reason, creationTimestamp: '2026-01-05T10:30:00Z' },
    involvedObject: { kind: 'CostOptimization', namespace: 'web', name: 'api' },
    reason,
    ...more,
  };
}

describe('the news', () => {
  it('come once each, causes before what follows from them, and leave the rest out', () => {
    const events = [event('OptimizationRolledBack'), event('OptimizationFailed'), event('Scheduled')];
    const feed = new Newsfeed(() => events);
    expect(feed.latest().map(({ word }) => word)).toEqual(['harm seen', 'rolled back']);
    expect(feed.latest()).toEqual([]);
    events.push(event('OptimizationFailed', { count: 2 }));
    expect(feed.latest()).toHaveLength(1);
  });

  it('name the workload of a pod that was killed, once however often that goes on', () => {
    const killed = (count: number): Event =>
      event('OOMKilling', {
        count,
        involvedObject: { kind: 'Node', name: 'n1' },
        message:
          'Memory cgroup out of memory: Killed process of container reranker in pod inference/reranker-56f6c-b5tns',
      });
    let events = [killed(1)];
    const feed = new Newsfeed(() => events);
    expect(feed.latest()[0]?.subject).toBe('inference/reranker');
    events = [killed(7)];
    expect(feed.latest()).toEqual([]);
  });
});

describe('the fleet of the demo', () => {
  it('has GPUs and workloads that every optimization can find', () => {
    expect(DEMO_NODES).toHaveLength(12);
    expect(DEMO_NODES.filter(({ accelerators = [] }) => accelerators.length > 0)).toHaveLength(2);
    const names = DEMO_WORKLOADS.map(({ namespace, name }) => `${namespace}/${name}`);
    expect(new Set(names).size).toBe(names.length);
    for (const { metadata, spec } of demoOptimizations()) {
      expect(names).toContain(`${metadata.namespace ?? ''}/${spec.targetWorkload.name}`);
    }
  });

  it('takes recorded traces in turn where there are any, but for the workload that the story is about', () => {
    const replayed = withRecordedTraces(DEMO_WORKLOADS, ['generated/batch', 'nab/one', 'nab/two']);
    const used = replayed.filter(({ usage }) => usage.includes('trace: nab/'));
    expect(used).toHaveLength(DEMO_WORKLOADS.length - 1);
    expect(replayed.find(({ name }) => name === 'reranker')?.usage).toContain('steps');
    expect(() => withRecordedTraces(DEMO_WORKLOADS, ['generated/batch'])).toThrow('KC_TRACE_INVALID');
  });
});
