/** The playground's other controllers and its scheduler end where the real ones do, field by field. */
import { expect, it } from 'vitest';
import {
  DAEMON_SETS,
  JOBS,
  PODS,
  POD_DISRUPTION_BUDGETS,
  STATEFUL_SETS,
} from '#kube/client/builtin-types.ts';
import type { ResourceType } from '#kube/client/resource-type.ts';
import { USAGE_ANNOTATION } from '#playground/fleet/usage/usage-schema.ts';
import { eventually } from '#test/testenv/processes/eventually.ts';
import { describeTargets } from '#test/testenv/targets/describe-targets.ts';
import { type Stage, onStage } from './stage.ts';

type Status = Readonly<Record<string, unknown>>;

function template(app: string, more: { usage?: string; spec?: object; image?: string } = {}) {
  const annotations = more.usage === undefined ? {} : { annotations: { [USAGE_ANNOTATION]: more.usage } };
  const containers = [{ name: 'app', image: more.image ?? `${app}:1` }];
  return { metadata: { labels: { app }, ...annotations }, spec: { containers, ...more.spec } };
}

function selector(app: string) {
  return { matchLabels: { app } };
}

async function statusOf({ target, namespace }: Stage, type: ResourceType, name: string): Promise<Status> {
  const object = await target.client.get(type, { namespace, name });
  return (object as { readonly status?: Status }).status ?? {};
}

async function until(stage: Stage, what: string, check: () => Promise<boolean>): Promise<void> {
  await eventually(what, check, { pass: (ms) => stage.target.pass(ms) });
}

/** Names, hashes and times stand for themselves; everything else must agree. */
function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== 'object' || value === null) {
    return typeof value === 'string'
      ? value.replace(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/, '<time>').replace(/^(db|agent)-[a-z0-9]+$/, '<revision>')
      : value;
  }
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, comparable(member)]));
}

const REACHED = { status: 'True', lastProbeTime: '<time>', lastTransitionTime: '<time>' };

describeTargets(
  'the control plane',
  (target) => {
    it('brings a StatefulSet up and rolls it from the top', async () => {
      await onStage(target(), 'stateful', async (stage) => {
        const spec = { replicas: 2, serviceName: 'db', selector: selector('db'), template: template('db') };
        await target().client.create(STATEFUL_SETS, {
          metadata: { name: 'db', namespace: stage.namespace },
          spec,
        });
        const isUp = async (): Promise<boolean> => {
          const status = await statusOf(stage, STATEFUL_SETS, 'db');
          return (
            status['readyReplicas'] === 2 &&
            status['updatedReplicas'] === 2 &&
            status['currentRevision'] === status['updateRevision']
          );
        };
        await until(stage, 'the set to be up', isUp);
        expect(comparable(await statusOf(stage, STATEFUL_SETS, 'db'))).toEqual({
          observedGeneration: 1,
          replicas: 2,
          readyReplicas: 2,
          currentReplicas: 2,
          updatedReplicas: 2,
          availableReplicas: 2,
          currentRevision: '<revision>',
          updateRevision: '<revision>',
          collisionCount: 0,
        });
        stage.history.clear();
        const body = { spec: { template: template('db', { image: 'db:2' }) } };
        await target().client.patch(
          STATEFUL_SETS,
          { namespace: stage.namespace, name: 'db' },
          { patch: 'merge', body },
        );
        await until(
          stage,
          'the update',
          async () => (await isUp()) && stage.history.about('pod db-0').includes('gone'),
        );
        // Creations repeat the events of the first ones, which are counted up instead.
        expect(stage.history.about('events of StatefulSet')).toEqual([
          'SuccessfulDelete',
          'SuccessfulDelete',
        ]);
        expect(stage.history.order('gone')).toEqual(['pod db-1', 'pod db-0']);
      });
    });

    it('puts a DaemonSet on every node', async () => {
      await onStage(target(), 'daemons', async (stage) => {
        const spec = { selector: selector('agent'), template: template('agent') };
        await target().client.create(DAEMON_SETS, {
          metadata: { name: 'agent', namespace: stage.namespace },
          spec,
        });
        await until(
          stage,
          'all to be ready',
          async () => (await statusOf(stage, DAEMON_SETS, 'agent'))['numberAvailable'] === 3,
        );
        expect(await statusOf(stage, DAEMON_SETS, 'agent')).toEqual({
          currentNumberScheduled: 3,
          desiredNumberScheduled: 3,
          numberMisscheduled: 0,
          numberReady: 3,
          numberAvailable: 3,
          updatedNumberScheduled: 3,
          observedGeneration: 1,
        });
        const { items } = await target().client.list(PODS, { namespace: stage.namespace });
        const keys = items.map((pod) =>
          (pod.spec?.tolerations ?? []).map(({ key, effect }) => `${key ?? ''} ${effect ?? ''}`).sort(),
        );
        expect(keys[0]).toEqual([
          'node.kubernetes.io/disk-pressure NoSchedule',
          'node.kubernetes.io/memory-pressure NoSchedule',
          'node.kubernetes.io/not-ready NoExecute',
          'node.kubernetes.io/pid-pressure NoSchedule',
          'node.kubernetes.io/unreachable NoExecute',
          'node.kubernetes.io/unschedulable NoSchedule',
        ]);
      });
    });

    it('runs a Job to its end, good or bad', async () => {
      await onStage(target(), 'jobs', async (stage) => {
        const metadata = (name: string) => ({ name, namespace: stage.namespace });
        const pods = (exitCode: number) =>
          template('work', {
            usage: `lifecycle: { runSeconds: 1, exitCode: ${String(exitCode)} }`,
            spec: { restartPolicy: 'Never' },
          });
        await target().client.create(JOBS, {
          metadata: metadata('good'),
          spec: { completions: 2, template: pods(0) },
        });
        await target().client.create(JOBS, {
          metadata: metadata('bad'),
          spec: { backoffLimit: 0, template: pods(1) },
        });
        const isOver = async (name: string): Promise<boolean> => {
          const { conditions = [] } = (await statusOf(stage, JOBS, name)) as {
            conditions?: { type: string }[];
          };
          return conditions.some(({ type }) => type === 'Complete' || type === 'Failed');
        };
        await until(stage, 'both to be over', async () => (await isOver('good')) && (await isOver('bad')));
        const reached = {
          ...REACHED,
          reason: 'CompletionsReached',
          message: 'Reached expected number of succeeded pods',
        };
        const idle = { startTime: '<time>', terminating: 0, ready: 0, uncountedTerminatedPods: {} };
        expect(comparable(await statusOf(stage, JOBS, 'good'))).toEqual({
          ...idle,
          succeeded: 2,
          completionTime: '<time>',
          conditions: [
            { type: 'SuccessCriteriaMet', ...reached },
            { type: 'Complete', ...reached },
          ],
        });
        const exceeded = {
          ...REACHED,
          reason: 'BackoffLimitExceeded',
          message: 'Job has reached the specified backoff limit',
        };
        expect(comparable(await statusOf(stage, JOBS, 'bad'))).toEqual({
          ...idle,
          failed: 1,
          conditions: [
            { type: 'FailureTarget', ...exceeded },
            { type: 'Failed', ...exceeded },
          ],
        });
        expect(stage.history.about('events of Job')).toEqual(
          expect.arrayContaining(['Completed', 'BackoffLimitExceeded']),
        );
      });
    });

    it('counts a disruption budget', async () => {
      await onStage(target(), 'budgets', async (stage) => {
        const spec = { replicas: 2, serviceName: 'db', selector: selector('db'), template: template('db') };
        await target().client.create(STATEFUL_SETS, {
          metadata: { name: 'db', namespace: stage.namespace },
          spec,
        });
        const metadata = { name: 'db', namespace: stage.namespace };
        await target().client.create(POD_DISRUPTION_BUDGETS, {
          metadata,
          spec: { maxUnavailable: 1, selector: selector('db') },
        });
        await until(
          stage,
          'both pods to count',
          async () => (await statusOf(stage, POD_DISRUPTION_BUDGETS, 'db'))['currentHealthy'] === 2,
        );
        expect(comparable(await statusOf(stage, POD_DISRUPTION_BUDGETS, 'db'))).toEqual({
          observedGeneration: 1,
          currentHealthy: 2,
          desiredHealthy: 1,
          expectedPods: 2,
          disruptionsAllowed: 1,
          conditions: [
            {
              type: 'DisruptionAllowed',
              status: 'True',
              reason: 'SufficientPods',
              message: '',
              lastTransitionTime: '<time>',
              observedGeneration: 1,
            },
          ],
        });
      });
    });

    it.each([
      ['asks for too much', { requests: { cpu: '100' } }, {}, '3 Insufficient cpu'],
      [
        'asks for nothing there is',
        {},
        { nodeSelector: { disk: 'tape' } },
        "3 node(s) didn't match Pod's node affinity/selector",
      ],
    ])('says why a pod that %s cannot be placed', async (what, resources, more, reason) => {
      await onStage(target(), what.replaceAll(' ', '-'), async (stage) => {
        const spec = { containers: [{ name: 'app', image: 'app:1', resources }], ...more };
        await target().client.create(PODS, { metadata: { name: 'big', namespace: stage.namespace }, spec });
        await until(
          stage,
          'a verdict',
          async () => (await statusOf(stage, PODS, 'big'))['conditions'] !== undefined,
        );
        const { conditions } = await statusOf(stage, PODS, 'big');
        expect(comparable(conditions)).toEqual([
          {
            type: 'PodScheduled',
            status: 'False',
            reason: 'Unschedulable',
            observedGeneration: 1,
            lastProbeTime: null,
            lastTransitionTime: '<time>',
            message: `0/3 nodes are available: ${reason}. no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.`,
          },
        ]);
        expect(stage.history.about('events of Pod')).toEqual(['FailedScheduling']);
      });
    });
  },
  { level: 'cluster' },
);
