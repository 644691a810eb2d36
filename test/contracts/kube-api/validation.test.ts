/** What is refused, field by field, in built-in kinds. */
import { describeTargets } from '../../testenv/targets/describe-targets.ts';
import { type Conversation, conversation } from './conversation.ts';
import { CONTAINER, deployment, pod } from './workloads.ts';

const SILENT = { isSilent: true };
/** Go prints its own structures. */
const GIST = { isGist: true };

describeTargets('validation', (target) => {
  const talk = (title: string, hold: (talk: Conversation) => Promise<void>) => {
    conversation(target, { area: 'validation', title }, hold);
  };

  talk('of pods', async ({ say, core }) => {
    const check = (spec: object) => say.post(`${core('pods')}?dryRun=All`, pod('p', { spec }));
    await check({ containers: [] });
    await check({ containers: [{ name: 'Bad Name', image: '' }] });
    await check({ containers: [CONTAINER, CONTAINER] });
    await check({ restartPolicy: 'Sometimes' });
    await check({ containers: [{ ...CONTAINER, imagePullPolicy: 'Maybe' }] });
    await check({
      containers: [{ ...CONTAINER, resources: { requests: { cpu: '2' }, limits: { cpu: '1' } } }],
    });
    await check({ containers: [{ ...CONTAINER, resources: { requests: { cpu: '-1', memory: 'lots' } } }] });
    await check({ containers: [{ ...CONTAINER, resources: { limits: { 'nvidia.com/gpu': '500m' } } }] });
    await check({ containers: [{ ...CONTAINER, resources: { requests: { 'nvidia.com/gpu': '1' } } }] });
    await check({ containers: [{ ...CONTAINER, ports: [{ containerPort: 0 }, { containerPort: 70000 }] }] });
    await check({
      containers: [{ ...CONTAINER, env: [{ name: '' }, { name: 'A', value: '1', valueFrom: {} }] }],
    });
    await check({ containers: [{ ...CONTAINER, volumeMounts: [{ name: 'none', mountPath: '' }] }] });
    await check({ containers: [{ ...CONTAINER, livenessProbe: { periodSeconds: -1 } }] });
    await check({ terminationGracePeriodSeconds: -1, dnsPolicy: 'Odd' });
    await check({ tolerations: [{ key: 'a', operator: 'Exists', value: 'x' }, { effect: 'Odd' }] });
    await check({ volumes: [{ name: 'v' }, { name: 'v', emptyDir: {} }] });
    await say.post(core('pods'), pod('p'), SILENT);
    await say.patch('merge', core('pods/p'), { spec: { restartPolicy: 'Never' } }, { isGist: true });
    await say.patch(
      'strategic',
      core('pods/p'),
      { spec: { containers: [{ name: 'c', image: 'new:2' }] } },
      SILENT,
    );
    await say.patch('merge', core('pods/p'), { spec: { nodeName: 'n' } }, { isGist: true });
  });

  talk('of workloads', async ({ say, group }) => {
    const check = (spec: object, ask = {}) =>
      say.post(`${group('apps/v1', 'deployments')}?dryRun=All`, deployment('d', spec), ask);
    await check({ replicas: -1 });
    await check({ selector: {} });
    await check({ selector: { matchLabels: { app: 'other' } } });
    await check({ strategy: { type: 'Odd' } }, GIST);
    await check({ strategy: { type: 'Recreate', rollingUpdate: { maxSurge: 1 } } });
    await check({ strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } });
    await check({ strategy: { rollingUpdate: { maxSurge: 'x%', maxUnavailable: '200%' } } });
    await check({ template: { metadata: { labels: { app: 'd' } }, spec: { containers: [CONTAINER], restartPolicy: 'Never' } } }); // prettier-ignore
    await check({ minReadySeconds: -1, revisionHistoryLimit: -1, progressDeadlineSeconds: 0 });
    const autoscaler = (spec: object) =>
      say.post(`${group('autoscaling/v2', 'horizontalpodautoscalers')}?dryRun=All`, { metadata: { name: 'h' }, spec }); // prettier-ignore
    await autoscaler({ maxReplicas: 0, scaleTargetRef: { kind: '', name: '' } });
    await autoscaler({ minReplicas: 5, maxReplicas: 2, scaleTargetRef: { kind: 'Deployment', name: 'd' } });
    const budget = (spec: object) =>
      say.post(
        `${group('policy/v1', 'poddisruptionbudgets')}?dryRun=All`,
        { metadata: { name: 'b' }, spec },
        GIST,
      );
    await budget({ minAvailable: 1, maxUnavailable: 1 });
    await budget({ minAvailable: 0 });
    await budget({ minAvailable: -1 });
    await budget({ maxUnavailable: '150%', selector: { matchExpressions: [{ key: 'a', operator: 'Odd' }] } });
    const job = (spec: object) =>
      say.post(`${group('batch/v1', 'jobs')}?dryRun=All`, { metadata: { name: 'j' }, spec });
    await job({ template: { spec: { containers: [CONTAINER] } } });
    await job({ parallelism: -1, backoffLimit: -1, template: { spec: { containers: [CONTAINER], restartPolicy: 'Never' } } }); // prettier-ignore
    const cron = { schedule: 'never', jobTemplate: { spec: { template: { spec: { containers: [CONTAINER], restartPolicy: 'Never' } } } } }; // prettier-ignore
    await say.post(`${group('batch/v1', 'cronjobs')}?dryRun=All`, { metadata: { name: 'c' }, spec: cron });
  });

  talk('of services and others', async ({ say, core }) => {
    const service = (spec: object) =>
      say.post(`${core('services')}?dryRun=All`, { metadata: { name: 's' }, spec });
    await service({});
    await service({ ports: [{ port: 0 }] });
    await service({ ports: [{ port: 1 }, { port: 2 }] });
    await service({ type: 'Odd', ports: [{ port: 1 }] });
    await service({ ports: [{ port: 1, protocol: 'ODD', targetPort: 'Not_Valid' }] });
    await say.post(`${core('services')}?dryRun=All`, {
      metadata: { name: '1st' },
      spec: { ports: [{ port: 1 }] },
    });
    await say.post('/api/v1/namespaces?dryRun=All', { metadata: { name: 'Under_score' } });
    await say.post(`${core('events')}?dryRun=All`, {
      metadata: { name: 'e' },
      involvedObject: { namespace: 'other' },
    });
    await say.post(`${core('resourcequotas')}?dryRun=All`, {
      metadata: { name: 'q' },
      spec: { hard: { cpu: 'x' } },
    });
    await say.post('/apis/coordination.k8s.io/v1/namespaces/default/leases?dryRun=All', { metadata: { name: 'l' }, spec: { leaseDurationSeconds: 0 } }); // prettier-ignore
    await say.post('/api/v1/nodes?dryRun=All', { metadata: { name: 'n' }, spec: { taints: [{ key: '', effect: 'Odd' }] } }); // prettier-ignore
  });
});
