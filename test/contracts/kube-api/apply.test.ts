/** Server-side apply: owners, conflicts, taking over, letting go. */
import { describeTargets } from '../../testenv/targets/describe-targets.ts';
import { type Conversation, conversation } from './conversation.ts';
import { CONTAINER, deployment } from './workloads.ts';

const SILENT = { isSilent: true };
const APPS = 'apps/v1';
const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } };

function applied(name: string, spec: object) {
  return { apiVersion: APPS, kind: 'Deployment', metadata: { name }, spec };
}

describeTargets('server-side apply', (target) => {
  const talk = (title: string, hold: (talk: Conversation) => Promise<void>) => {
    conversation(target, { area: 'apply', title }, hold);
  };

  talk('creates and owns', async ({ say, core }) => {
    const map = `${core('configmaps')}/a`;
    const one = `${map}?fieldManager=one`;
    await say.patch('apply', one, { ...CONFIG_MAP, data: { a: '1', b: '2' } });
    await say.patch('apply', one, { ...CONFIG_MAP, data: { a: '1', b: '2' } });
    await say.patch('apply', one, { ...CONFIG_MAP, data: { a: '1' } });
    await say.patch('apply', `${map}?fieldManager=two`, { ...CONFIG_MAP, data: { a: '1', c: '3' } });
    await say.patch('apply', `${map}?fieldManager=two`, { ...CONFIG_MAP, data: { a: '9' } });
    await say.patch('apply', `${map}?fieldManager=two&force=true`, { ...CONFIG_MAP, data: { a: '9' } });
    await say.patch('apply', one, { ...CONFIG_MAP });
    await say.patch('apply', one, { ...CONFIG_MAP, data: { a: '10' } });
    await say.patch('merge', `${map}?fieldManager=two`, { data: { a: '11' } });
    await say.patch('merge', map, { metadata: { managedFields: [{}] } });
    await say.patch('apply', `${map}?fieldManager=three`, { ...CONFIG_MAP, data: { a: '12' } });
  });

  talk('is refused where it does not say enough', async ({ say, core }) => {
    const map = `${core('configmaps')}/a`;
    const one = `${map}?fieldManager=one`;
    await say.patch('apply', map, CONFIG_MAP);
    await say.patch('apply', one, { metadata: { name: 'a' } });
    await say.patch('apply', one, { ...CONFIG_MAP, metadata: { name: 'b' } });
    await say.patch('apply', one, { ...CONFIG_MAP, metadata: { name: 'a', managedFields: [{ manager: 'x' }] } }); // prettier-ignore
    await say.patch('apply', one, { ...CONFIG_MAP, unknown: 1 });
    await say.patch('apply', `${one}&fieldValidation=Strict`, { ...CONFIG_MAP, unknown: 1 });
    await say.patch('apply', one, { ...CONFIG_MAP, data: { a: 1 } });
    await say.patch('apply', one, 'apiVersion: [', { isGist: true });
    await say.patch('apply', one, { ...CONFIG_MAP, metadata: { name: 'a', resourceVersion: '1' } });
    await say.patch('apply', one, { ...CONFIG_MAP, metadata: { name: 'a', uid: '11111111-1111-1111-1111-111111111111' } }); // prettier-ignore
    await say.patch('apply', `${one}&dryRun=All`, CONFIG_MAP);
    await say.get(map);
    await say.patch('apply', one, { ...CONFIG_MAP, kind: 'Secret' });
  });

  talk('merges lists by their keys', async ({ say, group }) => {
    const path = `${group(APPS, 'deployments')}/d`;
    const { spec } = deployment('d');
    await say.patch('apply', `${path}?fieldManager=base`, applied('d', spec));
    const side = { template: { spec: { containers: [{ name: 'side', image: 'side:1' }] } } };
    await say.patch('apply', `${path}?fieldManager=side`, applied('d', side));
    const env = { template: { spec: { containers: [{ name: 'c', env: [{ name: 'A', value: '1' }] }] } } };
    await say.patch('apply', `${path}?fieldManager=side`, applied('d', env));
    const image = { template: { spec: { containers: [{ ...CONTAINER, image: 'x:2' }] } } };
    await say.patch('apply', `${path}?fieldManager=side`, applied('d', image));
    const twice = { template: { spec: { containers: [{ name: 'c' }, { name: 'c' }] } } };
    await say.patch('apply', `${path}?fieldManager=side`, applied('d', twice));
    const nameless = { template: { spec: { containers: [{ image: 'x' }] } } };
    await say.patch('apply', `${path}?fieldManager=side`, applied('d', nameless));
    await say.patch('apply', `${path}?fieldManager=base`, applied('d', { ...spec, replicas: null }));
    await say.patch('merge', `${path}/scale?fieldManager=scaler`, { spec: { replicas: 5 } });
    await say.patch('apply', `${path}?fieldManager=base`, applied('d', { ...spec, replicas: 3 }));
    await say.get(path);
  });

  talk('keeps status apart', async ({ say, group }) => {
    const path = `${group(APPS, 'deployments')}/s`;
    await say.post(group(APPS, 'deployments'), deployment('s'), SILENT);
    const status = { apiVersion: APPS, kind: 'Deployment', metadata: { name: 's' }, status: { replicas: 2, readyReplicas: 1 } }; // prettier-ignore
    await say.patch('apply', `${path}/status?fieldManager=controller`, status);
    await say.patch('apply', `${path}?fieldManager=user`, { ...status, spec: { paused: true } });
    await say.patch('merge', `${path}/status`, { status: { readyReplicas: 2 }, spec: { paused: false } });
    await say.get(path);
  });

  talk('takes over what kubectl applied before', async ({ say, core }) => {
    const last = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"k"},"data":{"a":"1","b":"2"}}';
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': last };
    const maps = core('configmaps');
    const manager = { headers: { 'user-agent': 'kubectl/1' } };
    await say.post(`${maps}?fieldManager=kubectl-client-side-apply`, { metadata: { name: 'k', annotations }, data: { a: '1', b: '2' } }, manager); // prettier-ignore
    const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'k' }, data: { a: '2' } };
    await say.patch('apply', `${maps}/k?fieldManager=kubectl`, map);
    await say.patch('apply', `${maps}/k?fieldManager=kubectl`, { ...map, data: { b: '3' } });
  });
});
