/** The playground's Deployment controller tells the same story as the real one, step by step. */
import { expect, it } from 'vitest';
import type { Deployment } from '#apis/kubernetes/builtin.ts';
import { DEPLOYMENTS, PODS, REPLICA_SETS } from '#kube/client/builtin-types.ts';
import { eventually } from '#test/testenv/processes/eventually.ts';
import { describeTargets } from '#test/testenv/targets/describe-targets.ts';
import { type Stage, onStage } from './stage.ts';

const LABELS = { app: 'web' };
const ONE_BY_ONE = { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } };
const ROLLED_OUT = ['True NewReplicaSetCreated', 'True ReplicaSetUpdated', 'True NewReplicaSetAvailable'];

function template(image: string) {
  return { metadata: { labels: LABELS }, spec: { containers: [{ name: 'web', image }] } };
}

async function create({ target, namespace }: Stage, spec: object = {}): Promise<void> {
  const base = {
    replicas: 3,
    strategy: ONE_BY_ONE,
    selector: { matchLabels: LABELS },
    template: template('web:1'),
  };
  const deployment: Deployment = { metadata: { name: 'web', namespace }, spec: { ...base, ...spec } };
  await target.client.create(DEPLOYMENTS, deployment);
}

async function patch({ target, namespace }: Stage, spec: object): Promise<void> {
  await target.client.patch(DEPLOYMENTS, { namespace, name: 'web' }, { patch: 'merge', body: { spec } });
}

async function rolledOut(stage: Stage): Promise<Deployment> {
  const { target, namespace } = stage;
  return eventually(
    'the rollout to be complete',
    async () => {
      const deployment = await target.client.get(DEPLOYMENTS, { namespace, name: 'web' });
      const { items: pods } = await target.client.list(PODS, { namespace });
      return isComplete(deployment) && pods.length === deployment.spec?.replicas && deployment;
    },
    { pass: (ms) => target.pass(ms) },
  );
}

function isComplete({ metadata, spec, status = {} }: Deployment): boolean {
  const { replicas, updatedReplicas, availableReplicas, observedGeneration, conditions = [] } = status;
  const counts = [replicas, updatedReplicas, availableReplicas];
  const isDone = conditions.some(({ reason }) => reason === 'NewReplicaSetAvailable');
  return (
    isDone && observedGeneration === metadata?.generation && counts.every((count) => count === spec?.replicas)
  );
}

/** The next look at the history sees only what comes now. */
function chapter({ history }: Stage): void {
  history.clear();
}

describeTargets(
  'a Deployment',
  (target) => {
    it('comes up with one ReplicaSet and says how far it is', async () => {
      await onStage(target(), 'comes-up', async (stage) => {
        await create(stage);
        const { status, metadata } = await rolledOut(stage);
        expect(stage.history.about('sizes')).toEqual(['web:1 3']);
        expect(stage.history.about('Progressing')).toEqual(ROLLED_OUT);
        expect(stage.history.about('Available')).toEqual([
          'False MinimumReplicasUnavailable',
          'True MinimumReplicasAvailable',
        ]);
        expect(stage.history.about('events of Deployment')).toEqual(['ScalingReplicaSet']);
        expect(stage.history.about('events of ReplicaSet')).toEqual(Array(3).fill('SuccessfulCreate'));
        const { conditions: _conditions, ...counts } = status ?? {};
        expect(counts).toEqual({
          observedGeneration: 1,
          replicas: 3,
          updatedReplicas: 3,
          readyReplicas: 3,
          availableReplicas: 3,
          terminatingReplicas: 0,
        });
        expect(metadata?.annotations).toEqual({ 'deployment.kubernetes.io/revision': '1' });
      });
    });

    it('rolls over one by one, and back to the ReplicaSet that it had', async () => {
      await onStage(target(), 'rolls-over', async (stage) => {
        await create(stage);
        await rolledOut(stage);
        chapter(stage);
        await patch(stage, { template: template('web:2') });
        await rolledOut(stage);
        expect(stage.history.about('sizes')).toEqual([
          'web:2 1',
          'web:1 2',
          'web:2 2',
          'web:1 1',
          'web:2 3',
          'web:1 0',
        ]);
        expect(stage.history.about('Progressing')).toEqual(ROLLED_OUT);
        expect(stage.history.about('Available')).toEqual([]);
        chapter(stage);
        await patch(stage, { template: template('web:1') });
        await rolledOut(stage);
        expect(stage.history.about('sizes')).toEqual([
          'web:1 1',
          'web:2 2',
          'web:1 2',
          'web:2 1',
          'web:1 3',
          'web:2 0',
        ]);
        expect(stage.history.about('Progressing')).toEqual([
          'True ReplicaSetUpdated',
          'True NewReplicaSetAvailable',
        ]);
        const { items } = await target().client.list(REPLICA_SETS, { namespace: stage.namespace });
        const notes = items.map(({ metadata, spec }) => ({ size: spec?.replicas, ...metadata?.annotations }));
        const size = {
          'deployment.kubernetes.io/desired-replicas': '3',
          'deployment.kubernetes.io/max-replicas': '4',
        };
        expect(notes.sort((a, b) => (b.size ?? 0) - (a.size ?? 0))).toEqual([
          {
            ...size,
            size: 3,
            'deployment.kubernetes.io/revision': '3',
            'deployment.kubernetes.io/revision-history': '1',
          },
          { ...size, size: 0, 'deployment.kubernetes.io/revision': '2' },
        ]);
      });
    });

    it('gives up on an image that does not exist, keeps what runs, and recovers', async () => {
      await onStage(target(), 'gives-up', async (stage) => {
        await create(stage, { replicas: 1 });
        await rolledOut(stage);
        chapter(stage);
        await patch(stage, { progressDeadlineSeconds: 2, template: template('web:missing') });
        await eventually(
          'it to give up',
          () => stage.history.about('Progressing').at(-1)?.startsWith('False') === true,
          {
            pass: (ms) => target().pass(ms),
          },
        );
        // One updated pod before and after: the controller sees progress only if it looks while there is none.
        const turns = stage.history.about('Progressing').filter((turn) => turn !== 'True ReplicaSetUpdated');
        expect(turns).toEqual(['True NewReplicaSetCreated', 'False ProgressDeadlineExceeded']);
        expect(stage.history.about('sizes')).toEqual(['web:missing 1']);
        expect(stage.history.about('Available')).toEqual([]);
        chapter(stage);
        await patch(stage, { progressDeadlineSeconds: 600, template: template('web:1') });
        await rolledOut(stage);
        expect(stage.history.about('sizes')).toEqual(['web:missing 0']);
        expect(stage.history.about('Progressing')).toEqual(['True NewReplicaSetAvailable']);
      });
    });

    it('recreates: all old pods are gone before a new one comes', async () => {
      await onStage(target(), 'recreates', async (stage) => {
        await create(stage, { replicas: 2, strategy: { type: 'Recreate' } });
        await rolledOut(stage);
        chapter(stage);
        await patch(stage, { template: template('web:2') });
        await rolledOut(stage);
        expect(stage.history.about('sizes')).toEqual(['web:1 0', 'web:2 2']);
        expect(stage.history.about('Progressing')).toEqual(ROLLED_OUT);
        expect(stage.history.about('events of ReplicaSet')).toEqual([
          'SuccessfulDelete',
          'SuccessfulDelete',
          'SuccessfulCreate',
          'SuccessfulCreate',
        ]);
      });
    });

    it('pauses and resumes', async () => {
      await onStage(target(), 'pauses', async (stage) => {
        await create(stage, { replicas: 1 });
        await rolledOut(stage);
        chapter(stage);
        await patch(stage, { paused: true });
        await eventually('the pause', () => stage.history.about('Progressing').length > 0, {
          pass: (ms) => target().pass(ms),
        });
        await patch(stage, { template: template('web:2') });
        await target().pass(2000);
        expect(stage.history.about('sizes')).toEqual([]);
        await patch(stage, { paused: null });
        await rolledOut(stage);
        // The real controller loses "created" to a conflict with its own write that says "resumed", and may miss
        // "updated" as above.
        const [created, updated, available] = ROLLED_OUT;
        const turns = stage.history.about('Progressing');
        const told = turns.filter((turn) => turn !== created && turn !== updated);
        expect(told).toEqual(['Unknown DeploymentPaused', 'Unknown DeploymentResumed', available]);
      });
    });

    it('takes pods from starting to running to gone', async () => {
      await onStage(target(), 'pods', async (stage) => {
        await create(stage, { replicas: 1 });
        await rolledOut(stage);
        const { items } = await target().client.list(PODS, { namespace: stage.namespace });
        const name = items[0]?.metadata?.name ?? '';
        await patch(stage, { replicas: 0 });
        await eventually('the pod to be gone', () => stage.history.about(`pod ${name}`).at(-1) === 'gone', {
          pass: (ms) => target().pass(ms),
        });
        const story = stage.history.about(`pod ${name}`).filter((state) => state !== 'Running');
        expect(story).toEqual(['Pending', 'Running ready', 'Terminating ready', 'Terminating', 'gone']);
      });
    });
  },
  { level: 'cluster' },
);
