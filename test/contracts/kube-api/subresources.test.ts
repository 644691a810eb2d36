/** Status, scale, resize, eviction, binding. */
import { describeTargets } from '../../testenv/targets/describe-targets.ts';
import { type Conversation, conversation } from './conversation.ts';
import { CONTAINER, deployment, pod } from './workloads.ts';

const SILENT = { isSilent: true };
const APPS = 'apps/v1';
const POLICY = 'policy/v1';

const SIZED = {
  ...CONTAINER,
  resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: '200m', memory: '128Mi' } },
};

describeTargets('subresources', (target) => {
  const talk = (title: string, hold: (talk: Conversation) => Promise<void>) => {
    conversation(target, { area: 'subresources', title }, hold);
  };

  talk('scale workloads', async ({ say, group }) => {
    const one = `${group(APPS, 'deployments')}/d`;
    const made = await say.post(group(APPS, 'deployments'), deployment('d'), SILENT);
    const { metadata } = made.body as { readonly metadata: { readonly resourceVersion: string } };
    await say.get(`${one}/scale`);
    const scale = { kind: 'Scale', apiVersion: 'autoscaling/v1', metadata: { name: 'd' } };
    await say.put(`${one}/scale`, { ...scale, spec: { replicas: 4 } });
    await say.put(`${one}/scale`, { ...scale, spec: { replicas: -4 } });
    await say.put(`${one}/scale`, { ...scale, metadata: { name: 'd', resourceVersion: metadata.resourceVersion }, spec: { replicas: 5 } }); // prettier-ignore
    await say.put(`${one}/scale`, { ...scale, metadata: { name: 'other' }, spec: { replicas: 5 } });
    await say.put(`${one}/scale`, { apiVersion: APPS, kind: 'Deployment', metadata: { name: 'd' } });
    await say.patch('merge', `${one}/scale`, { spec: { replicas: 6 } });
    await say.patch('strategic', `${one}/scale`, { spec: { replicas: 7 } });
    await say.patch('json', `${one}/scale`, [{ op: 'replace', path: '/spec/replicas', value: 8 }]);
    await say.patch('merge', `${one}/scale?dryRun=All`, { spec: { replicas: 9 } });
    await say.patch('merge', `${one}/scale`, { spec: { replicas: 'many' } });
    await say.get(one);
    await say.get(`${group(APPS, 'deployments')}/none/scale`);
    await say.get(`${group(APPS, 'daemonsets')}/none/scale`);
    await say.delete(`${one}/scale`);
  });

  talk('keep status apart', async ({ say, group, core }) => {
    const one = `${group(APPS, 'deployments')}/d`;
    const made = await say.post(group(APPS, 'deployments'), { ...deployment('d'), status: { replicas: 9 } });
    const body = made.body as object;
    await say.put(`${one}/status`, { ...body, status: { replicas: 3 }, spec: { replicas: 7 } });
    await say.put(one, { ...body, metadata: { name: 'd' }, status: { replicas: 4 } });
    await say.patch('merge', `${one}/status`, { metadata: { labels: { from: 'status' } } });
    await say.patch('merge', `${one}/status`, { status: { replicas: -1 } });
    await say.get(`${one}/status`);
    await say.get(`${core('configmaps')}/none/status`);
  });

  talk('resize pods in place', async ({ say, core }) => {
    const one = `${core('pods')}/p`;
    await say.post(core('pods'), pod('p', { spec: { containers: [SIZED] } }), SILENT);
    const sized = (resources: object) => ({ spec: { containers: [{ name: 'c', resources }] } });
    await say.patch('strategic', `${one}/resize`, sized({ requests: { cpu: '150m' } }));
    await say.patch('strategic', one, sized({ requests: { cpu: '160m' } }), { isGist: true });
    await say.patch('strategic', `${one}/resize`, sized({ requests: { cpu: '900m' } }));
    await say.patch('strategic', `${one}/resize`, sized({ limits: { cpu: null } }));
    await say.patch('strategic', `${one}/resize`, sized({ requests: { cpu: '200m', memory: '128Mi' } }));
    await say.patch('strategic', `${one}/resize`, {
      spec: { containers: [{ name: 'new', image: 'other' }] },
    });
    await say.patch('strategic', `${one}/resize`, sized({ requests: { 'nvidia.com/gpu': '1' } }));
    await say.get(`${one}/resize`);
    await say.patch('strategic', `${core('pods')}/none/resize`, {});
  });

  talk('bind pods to nodes', async ({ say, core }) => {
    await say.post(core('pods'), pod('p'), SILENT);
    const binding = (name: string, kind = 'Node') => ({
      metadata: { name: 'p' },
      target: { apiVersion: 'v1', kind, name },
    });
    await say.post(core('pods/p/binding'), binding(''));
    await say.post(core('pods/p/binding'), binding('n', 'Pod'));
    await say.post(core('pods/p/binding'), binding('one'));
    await say.post(core('pods/p/binding'), binding('two'));
    await say.post(core('bindings'), binding('two'));
    await say.post(core('pods/none/binding'), { ...binding('one'), metadata: { name: 'none' } });
    await say.get(core('pods/p'));
  });

  talk('evict pods as far as budgets allow', async ({ say, core, group }) => {
    const budget = (name: string, app: string) => ({
      metadata: { name },
      spec: { minAvailable: 1, selector: { matchLabels: { app } } },
    });
    const eviction = (name: string, more: object = {}) => ({
      apiVersion: POLICY,
      kind: 'Eviction',
      metadata: { name },
      ...more,
    });
    await say.post(core('pods'), pod('free'), SILENT);
    await say.post(core('pods'), pod('held', { spec: { nodeName: 'one' } }), SILENT);
    await say.patch('merge', core('pods/held/status'), { status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] } }, SILENT); // prettier-ignore
    await say.post(group(POLICY, 'poddisruptionbudgets'), budget('b', 'held'));
    await say.post(core('pods/free/eviction'), eviction('free', { deleteOptions: { dryRun: ['All'] } }));
    await say.post(core('pods/free/eviction'), eviction('free'));
    await say.get(core('pods/free'));
    await say.post(core('pods/held/eviction'), eviction('held'));
    const status = {
      status: { observedGeneration: 1, disruptionsAllowed: 1, currentHealthy: 2, desiredHealthy: 1, expectedPods: 2 }, // prettier-ignore
    };
    await say.patch('merge', `${group(POLICY, 'poddisruptionbudgets')}/b/status`, status, SILENT);
    await say.post(group(POLICY, 'poddisruptionbudgets'), budget('c', 'held'), SILENT);
    await say.post(core('pods/held/eviction'), eviction('held'));
    await say.delete(`${group(POLICY, 'poddisruptionbudgets')}/c`, SILENT);
    await say.post(core('pods/held/eviction'), eviction('held'));
    await say.get(`${group(POLICY, 'poddisruptionbudgets')}/b`);
    await say.post(core('pods/none/eviction'), eviction('none'));
    await say.post(core('pods/held/eviction'), eviction('other'));
  });
});
