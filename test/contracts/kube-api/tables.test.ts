/** What kubectl prints: the tables of every kind that people look at. */
import { describeTargets } from '../../testenv/targets/describe-targets.ts';
import { type Conversation, conversation } from './conversation.ts';
import { CONTAINER, deployment, pod } from './workloads.ts';

const TABLE = { accept: 'application/json;as=Table;g=meta.k8s.io;v=v1' };
const SILENT = { isSilent: true };

const TEMPLATE = { metadata: { labels: { app: 't' } }, spec: { containers: [CONTAINER] } };
const SELECTOR = { matchLabels: { app: 't' } };
const RUN_ONCE = { ...TEMPLATE, spec: { ...TEMPLATE.spec, restartPolicy: 'Never' } };

/** One object of each kind, by group version and resource. */
const OBJECTS: readonly (readonly [string, string, object])[] = [
  ['apps/v1', 'deployments', deployment('t')],
  ['apps/v1', 'replicasets', { metadata: { name: 't' }, spec: { replicas: 2, selector: SELECTOR, template: TEMPLATE } }],
  ['apps/v1', 'statefulsets', { metadata: { name: 't' }, spec: { serviceName: 's', selector: SELECTOR, template: TEMPLATE } }],
  ['apps/v1', 'daemonsets', { metadata: { name: 't' }, spec: { selector: SELECTOR, template: TEMPLATE } }],
  ['batch/v1', 'jobs', { metadata: { name: 't' }, spec: { completions: 2, template: RUN_ONCE } }],
  ['batch/v1', 'cronjobs', { metadata: { name: 't' }, spec: { schedule: '* * * * *', jobTemplate: { spec: { template: RUN_ONCE } } } }],
  ['autoscaling/v2', 'horizontalpodautoscalers', { metadata: { name: 't' }, spec: { maxReplicas: 3, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 't' } } }],
  ['policy/v1', 'poddisruptionbudgets', { metadata: { name: 't' }, spec: { minAvailable: '50%', selector: SELECTOR } }],
  ['coordination.k8s.io/v1', 'leases', { metadata: { name: 't' }, spec: { holderIdentity: 'me', leaseDurationSeconds: 15 } }],
]; // prettier-ignore

describeTargets('tables', (target) => {
  const talk = (title: string, hold: (talk: Conversation) => Promise<void>) => {
    conversation(target, { area: 'tables', title }, hold);
  };

  talk('show core kinds', async ({ say, core }) => {
    const query = '?includeObject=None&fieldSelector=metadata.name=t';
    await say.post(core('configmaps'), { metadata: { name: 't' }, data: { a: '1', b: '2' } }, SILENT);
    await say.post(core('secrets'), { metadata: { name: 't' }, stringData: { a: '1' } }, SILENT);
    await say.post(core('serviceaccounts'), { metadata: { name: 't' } }, SILENT);
    await say.post(core('services'), { metadata: { name: 't' }, spec: { ports: [{ port: 80, nodePort: 30080 }, { name: 'x', port: 443, protocol: 'UDP' }], type: 'NodePort', selector: { app: 't' } } }, SILENT); // prettier-ignore
    await say.post(core('services'), { metadata: { name: 't' }, spec: { ports: [{ name: 'a', port: 80 }, { name: 'x', port: 443, protocol: 'UDP' }], selector: { app: 't' } } }, SILENT); // prettier-ignore
    await say.post(core('persistentvolumeclaims'), { metadata: { name: 't' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }, SILENT); // prettier-ignore
    await say.post(core('pods'), pod('t', { spec: { initContainers: [{ name: 'i', image: 'i' }], containers: [CONTAINER, { name: 'd', image: 'd' }], priority: 0 } }), SILENT); // prettier-ignore
    for (const kind of [
      'configmaps',
      'secrets',
      'serviceaccounts',
      'services',
      'pods',
      'persistentvolumeclaims',
    ])
      await say.get(`${core(kind)}${query}`, TABLE);
    await say.get('/api/v1/namespaces?includeObject=None&fieldSelector=metadata.name=kube-system', TABLE);
  });

  talk('show workloads and policies', async ({ say, group }) => {
    for (const [version, resource, object] of OBJECTS) {
      await say.post(group(version, resource), object, SILENT);
      await say.get(`${group(version, resource)}?includeObject=None`, TABLE);
    }
  });

  talk('follow the state of pods', async ({ say, core }) => {
    await say.post(core('pods'), pod('p', { spec: { nodeName: 'n' } }), SILENT);
    const states = [
      { phase: 'Running', podIP: '10.1.2.3', podIPs: [{ ip: '10.1.2.3' }], conditions: [{ type: 'Ready', status: 'True' }], containerStatuses: [{ ...CONTAINER, imageID: '', ready: true, restartCount: 3, state: { running: { startedAt: '2020-01-02T03:04:05Z' } } }] },
      { phase: 'Running', containerStatuses: [{ ...CONTAINER, imageID: '', ready: false, restartCount: 1, state: { waiting: { reason: 'CrashLoopBackOff' } } }] },
      { phase: 'Failed', reason: 'Evicted' },
      { phase: 'Succeeded', containerStatuses: [{ ...CONTAINER, imageID: '', ready: false, restartCount: 0, state: { terminated: { exitCode: 0, reason: 'Completed' } } }] },
      { phase: 'Running', containerStatuses: [{ ...CONTAINER, imageID: '', ready: false, restartCount: 0, state: { terminated: { exitCode: 137, signal: 9 } } }] },
    ]; // prettier-ignore
    for (const status of states) {
      await say.patch('merge', core('pods/p/status'), { status: { ...status } }, SILENT);
      await say.get(`${core('pods')}?includeObject=None`, TABLE);
    }
    await say.delete(core('pods/p'), SILENT);
    await say.get(`${core('pods/p')}?includeObject=None`, TABLE);
    await say.get(`${core('pods')}?includeObject=Object`, { ...TABLE, isSilent: true });
    await say.get(`${core('pods')}?includeObject=Half`, TABLE);
  });

  talk('come with every event of a watch', async ({ say, core }) => {
    await say.post(core('configmaps'), { metadata: { name: 't', labels: { mine: 'yes' } } }, SILENT);
    const watched = `${core('configmaps')}?watch=true&labelSelector=mine&includeObject=None`;
    await say.watch(watched, 2, {
      accept: TABLE.accept,
      meanwhile: () => say.patch('merge', core('configmaps/t'), { data: { a: '1' } }, SILENT),
    });
  });
});
