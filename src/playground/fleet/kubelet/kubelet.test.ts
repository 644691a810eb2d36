import { describe, expect, it } from 'vitest';
import type { ContainerStatus, Pod } from '#apis/kubernetes/builtin.ts';
import { PODS } from '#kube/client/builtin-types.ts';
import { SeededRandom } from '#platform/random.ts';
import { Fleet } from '../fleet.ts';
import { nodesOf } from '../nodes/node-shape.ts';
import { type FleetRig, NAMESPACE, pod, startRig } from '../testing/fleet-rig.ts';

interface PodRig {
  readonly rig: FleetRig;
  readonly current: () => Pod | undefined;
  /** The first container's status. */
  readonly container: () => ContainerStatus;
  /** What the first container is doing, in one word. */
  readonly status: () => string;
}

async function podRig(made: Pod): Promise<PodRig> {
  const rig = await startRig();
  await rig.create(PODS, made);
  const key = { namespace: NAMESPACE, name: made.metadata?.name ?? '' };
  const current = (): Pod | undefined => rig.access.get(PODS, key);
  const statuses = (): readonly ContainerStatus[] => current()?.status?.containerStatuses ?? [];
  const container = (): ContainerStatus => {
    const [first] = statuses();
    if (first === undefined) throw new Error('the pod has no container status');
    return first;
  };
  const status = (): string => {
    const { waiting, running, terminated } = statuses()[0]?.state ?? {};
    return running === undefined ? (waiting?.reason ?? terminated?.reason ?? '') : 'Running';
  };
  return { rig, current, container, status };
}

function conditions(of: Pod | undefined): Record<string, string> {
  return Object.fromEntries((of?.status?.conditions ?? []).map(({ type, status }) => [type, status]));
}

describe('a kubelet', () => {
  it('takes a pod from pending over creating to running and ready, with times, addresses and events', async () => {
    const { rig, container, current, status } = await podRig(pod('web'));
    await rig.until('creating', () => status() === 'ContainerCreating');
    expect(current()?.status).toMatchObject({ phase: 'Pending', qosClass: 'Burstable' });
    expect(conditions(current())).toMatchObject({
      Initialized: 'True',
      Ready: 'False',
      PodReadyToStartContainers: 'False',
    });
    await rig.until('ready', () => conditions(current())['Ready'] === 'True');
    expect(current()?.status).toMatchObject({ phase: 'Running', podIP: '10.244.0.1', observedGeneration: 1 });
    expect(container()).toMatchObject({
      ready: true,
      started: true,
      restartCount: 0,
      allocatedResources: { cpu: '200m', memory: '256Mi' },
      resources: { limits: { cpu: '400m', memory: '512Mi' } },
    });
    expect(rig.reasons('web')).toEqual(['Scheduled', 'Pulling', 'Pulled', 'Created', 'Started']);
    expect(rig.clock.now()).toBeGreaterThan(Date.parse(current()?.status?.startTime ?? ''));
  });

  it('does not pull what the node has already', async () => {
    const { rig, status } = await podRig(pod('web'));
    await rig.until('running', () => status() === 'Running');
    const node = rig.pods('web')[0]?.spec?.nodeName ?? '';
    const twin = pod('twin', { image: 'web:1', spec: { nodeSelector: { 'kubernetes.io/hostname': node } } });
    await rig.create(PODS, twin);
    await rig.clock.runFor(10_000);
    expect(rig.reasons('twin')).toEqual(['Scheduled', 'Pulled', 'Created', 'Started']);
  });

  it('waits for the readiness of the profile or of the probe', async () => {
    const slow = pod('slow', { usage: 'lifecycle: { startupSeconds: 60 }' });
    const { rig, current, status } = await podRig(slow);
    await rig.until('running', () => status() === 'Running');
    await rig.clock.runFor(55_000);
    expect(conditions(current())['Ready']).toBe('False');
    await rig.clock.runFor(6000);
    expect(conditions(current())['Ready']).toBe('True');
    const probed = pod('probed');
    const container = probed.spec?.containers[0];
    if (container !== undefined) container.readinessProbe = { initialDelaySeconds: 20 };
    const other = await podRig(probed);
    await other.rig.until('running', () => other.status() === 'Running');
    await other.rig.clock.runFor(19_000);
    expect(conditions(other.current())['Ready']).toBe('False');
    await other.rig.clock.runFor(2000);
    expect(conditions(other.current())['Ready']).toBe('True');
  });

  it('runs init containers one by one before the rest, and keeps sidecars', async () => {
    const init = [
      { name: 'first', image: 'init:1' },
      { name: 'mesh', image: 'mesh:1', restartPolicy: 'Always' },
      { name: 'second', image: 'init:1' },
    ];
    const { rig, container, current } = await podRig(pod('web', { spec: { initContainers: init } }));
    await rig.until('ready', () => conditions(current())['Ready'] === 'True');
    const states = (current()?.status?.initContainerStatuses ?? []).map(({ state }) => state ?? {});
    expect(states.flatMap(Object.keys)).toEqual(['terminated', 'running', 'terminated']);
    const finished = states.map(({ terminated }) => terminated?.finishedAt ?? '').sort();
    const started = container().state?.running?.startedAt ?? '';
    expect(finished.every((time) => started >= time)).toBe(true);
  });

  it('ends a deleted pod in its own time, then removes it', async () => {
    const { rig, current, status } = await podRig(
      pod('web', { usage: 'lifecycle: { shutdownSeconds: 12 }' }),
    );
    await rig.until('running', () => status() === 'Running');
    await rig.access.delete(PODS, { namespace: NAMESPACE, name: 'web' }, { graceful: true });
    await rig.clock.runFor(11_000);
    expect(current()?.metadata?.deletionTimestamp).toBeDefined();
    await rig.clock.runFor(2000);
    expect(current()).toBeUndefined();
    expect(rig.reasons('web').at(-1)).toBe('Killing');
  });

  it('kills a container that does not stop within its grace period', async () => {
    const stubborn = pod('web', {
      usage: 'lifecycle: { shutdownSeconds: 999 }',
      spec: { terminationGracePeriodSeconds: 5 },
    });
    const { rig, current, status } = await podRig(stubborn);
    const exits: (number | undefined)[] = [];
    rig.access.onChange(PODS, ({ object }) => {
      exits.push(object.status?.containerStatuses?.[0]?.state?.terminated?.exitCode);
    });
    await rig.until('running', () => status() === 'Running');
    await rig.access.delete(PODS, { namespace: NAMESPACE, name: 'web' }, { graceful: true });
    await rig.clock.runFor(6000);
    expect(current()).toBeUndefined();
    expect(exits).toContain(137);
  });

  it('forgets a pod that is deleted by force', async () => {
    const { rig, current, status } = await podRig(pod('web'));
    await rig.until('running', () => status() === 'Running');
    await rig.access.delete(PODS, { namespace: NAMESPACE, name: 'web' });
    await rig.clock.runFor(60_000);
    expect(current()).toBeUndefined();
    expect([...rig.fleet.usage.pods()]).toEqual([]);
  });

  it('restarts a crashing container with a growing back-off, and says so', async () => {
    const crashing = pod('web', { usage: 'lifecycle: { runSeconds: 1, exitCode: 3 }' });
    const { rig, container, current, status } = await podRig(crashing);
    await rig.until('back-off', () => status() === 'CrashLoopBackOff');
    expect(container().restartCount).toBe(1);
    expect(container().lastState?.terminated).toMatchObject({ exitCode: 3, reason: 'Error' });
    expect(container().state?.waiting?.message).toContain(
      'back-off 10s restarting failed container=app pod=web_shop(',
    );
    expect(current()?.status?.phase).toBe('Running');
    await rig.clock.runFor(3_600_000);
    const restarts = container().restartCount;
    expect(restarts).toBeGreaterThan(12);
    expect(restarts).toBeLessThan(18);
    expect(rig.events('BackOff')[0]?.count).toBeGreaterThan(2);
  });

  it('kills a container over its memory limit: exit code 137, restart, event on the node', async () => {
    const leaking = pod('web', {
      memory: '64Mi',
      usage: 'memory: { base: 100Mi, growthPerHour: 240Mi, noise: 0 }',
    });
    const { rig, container, status } = await podRig(leaking);
    await rig.until('running', () => status() === 'Running');
    const startedMs = rig.clock.now();
    await rig.until('killed', () => status() === 'OOMKilled');
    // 28 MiB of room at 4 MiB a minute.
    expect((rig.clock.now() - startedMs) / 60_000).toBeCloseTo(7, 0);
    expect(container().state?.terminated).toMatchObject({
      exitCode: 137,
      reason: 'OOMKilled',
    });
    await rig.until('restarted', () => status() === 'Running');
    expect(container()).toMatchObject({
      restartCount: 1,
      lastState: { terminated: { reason: 'OOMKilled', exitCode: 137 } },
    });
    expect(rig.events('OOMKilling')[0]?.involvedObject.kind).toBe('Node');
  });

  it('shows an image that cannot be pulled', async () => {
    const { rig, container, current, status } = await podRig(pod('web', { image: 'web:does-not-exist' }));
    await rig.until('error', () => status() === 'ErrImagePull');
    await rig.until('back-off', () => status() === 'ImagePullBackOff');
    expect(current()?.status?.phase).toBe('Pending');
    expect(container().state?.waiting?.message).toContain('Back-off pulling image "web:does-not-exist"');
    await rig.clock.runFor(600_000);
    expect(status()).toBe('ImagePullBackOff');
    await rig.access.delete(PODS, { namespace: NAMESPACE, name: 'web' }, { graceful: true });
    await rig.clock.runFor(2000);
    expect(current()).toBeUndefined();
  });

  it('shows a usage annotation that cannot be used', async () => {
    const { rig, container, status } = await podRig(pod('web', { usage: 'cpu: { cores: many }' }));
    await rig.until('refused', () => status() === 'CreateContainerConfigError');
    expect(container().state?.waiting?.message).toContain('cpu.cores');
  });

  it('completes pods that are not to be restarted', async () => {
    const once = (name: string, exitCode: number): Pod =>
      pod(name, {
        usage: `lifecycle: { runSeconds: 5, exitCode: ${exitCode} }`,
        spec: { restartPolicy: 'Never' },
      });
    const good = await podRig(once('good', 0));
    await good.rig.until('succeeded', () => good.current()?.status?.phase === 'Succeeded');
    expect(conditions(good.current())).toMatchObject({ Ready: 'False', ContainersReady: 'False' });
    const bad = await podRig(once('bad', 2));
    await bad.rig.until('failed', () => bad.current()?.status?.phase === 'Failed');
    expect(bad.container().restartCount).toBe(0);
  });

  it('turns away a pod that its node has no room for', async () => {
    const { rig } = await podRig(pod('web'));
    const large = pod('large', { cpu: '9', spec: { nodeName: 'm6i-xlarge-1' } });
    await rig.create(PODS, large);
    await rig.clock.runFor(1000);
    const status = rig.pods('large')[0]?.status;
    expect(status).toMatchObject({ phase: 'Failed', reason: 'OutOfcpu' });
    expect(status?.message).toContain(
      "Pod was rejected: Node didn't have enough resource: cpu, requested: 9000, used: 0",
    );
  });

  it('leaves pods of other nodes alone', async () => {
    const { rig } = await podRig(pod('web'));
    await rig.create(PODS, pod('foreign', { spec: { nodeName: 'somebody-elses' } }));
    await rig.clock.runFor(60_000);
    expect(rig.pods('foreign')[0]?.status).toEqual({ phase: 'Pending' });
  });

  it('goes on after a restart of its own: running containers run on, ended ones start again', async () => {
    const usage = 'cpu: { cores: 0.1, noise: 0 }\nmemory: { base: 100Mi, growthPerHour: 240Mi, noise: 0 }';
    const { rig, container, current } = await podRig(pod('web', { usage, memory: '128Mi' }));
    await rig.until('ready', () => conditions(current())['Ready'] === 'True');
    await rig.clock.runFor(600_000);
    const before = container();
    const startedMs = Date.parse(before.state?.running?.startedAt ?? '');
    rig.fleet.stop();
    await rig.clock.runFor(60_000);
    const { clock, access } = rig;
    const options = {
      access,
      clock,
      random: new SeededRandom(2),
      seed: 1,
      nodes: nodesOf({ instanceType: 'm6i.xlarge', count: 3 }),
    };
    const next = await clock.settle(Fleet.start(options), 10_000);
    await clock.runFor(1000);
    expect(container()).toEqual(before);
    const [adopted] = next.usage.pods();
    const reading = adopted?.meters.get('app')?.read(clock.now());
    expect(reading?.cpuSeconds).toBeGreaterThan(60);
    expect(reading?.memoryBytes).toBeGreaterThan(140 * 1024 * 1024);
    await rig.until('killed', () => container().restartCount === 1, 3_600_000);
    // From 100 to 256 MiB at 4 MiB a minute, counted from the start under the first kubelet.
    expect((clock.now() - startedMs) / 60_000).toBeCloseTo(39, 0);
    await access.delete(PODS, { namespace: NAMESPACE, name: 'web' }, { graceful: true });
    await clock.runFor(5000);
    expect(current()).toBeUndefined();
  });
});
