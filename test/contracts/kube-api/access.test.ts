/** Who may do what: roles, reviews, tokens, impersonation. */
import { describeTargets } from '../../testenv/targets/describe-targets.ts';
import { type Conversation, conversation } from './conversation.ts';
import type { Answer } from './transcript.ts';
import { pod } from './workloads.ts';

const SILENT = { isSilent: true };
const RBAC = 'rbac.authorization.k8s.io';
const REVIEWS = '/apis/authorization.k8s.io/v1';

interface Grant {
  readonly user: string;
  readonly rules: readonly object[];
}

/** A role in the namespace and its binding to a user. */
async function grant({ say, group }: Conversation, { user, rules }: Grant): Promise<void> {
  const path = (resource: string) => group(`${RBAC}/v1`, resource);
  await say.post(path('roles'), { metadata: { name: user }, rules }, SILENT);
  const roleRef = { apiGroup: RBAC, kind: 'Role', name: user };
  const subjects = [{ apiGroup: RBAC, kind: 'User', name: user }];
  await say.post(path('rolebindings'), { metadata: { name: user }, roleRef, subjects }, SILENT);
  const spec = { user, resourceAttributes: { namespace: '', verb: 'get' } };
  await say.post(`${REVIEWS}/subjectaccessreviews`, { spec }, SILENT);
}

const isAllowed = ({ status }: Answer) => status !== 403;

describeTargets('access', (target) => {
  const talk = (title: string, hold: (talk: Conversation) => Promise<void>) => {
    conversation(target, { area: 'access', title }, hold);
  };

  talk('is what roles give', async (all) => {
    const { say, core, group } = all;
    const as = 'ada';
    await say.get(core('configmaps'), { as });
    await say.post(core('configmaps'), { metadata: { name: 'x' } }, { as });
    await say.get('/api/v1/nodes', { as });
    await say.get('/healthz', { as });
    await say.get('/metrics', { as });
    await grant(all, {
      user: as,
      rules: [
        { apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list', 'create'] },
        { apiGroups: [''], resources: ['secrets'], resourceNames: ['mine'], verbs: ['get', 'delete'] },
        { apiGroups: ['apps'], resources: ['deployments/scale'], verbs: ['*'] },
      ],
    });
    await say.post(core('configmaps'), { metadata: { name: 'warm' } }, SILENT);
    for (;;) if (isAllowed(await say.get(core('configmaps/warm'), { as, isSilent: true }))) break;
    await say.post(core('configmaps'), { metadata: { name: 'x' } }, { as });
    await say.patch('merge', core('configmaps/x'), {}, { as });
    await say.delete(core('configmaps/x'), { as });
    await say.delete(core('configmaps'), { as });
    await say.get(core('secrets/mine'), { as });
    await say.get(core('secrets/other'), { as });
    await say.get(group('apps/v1', 'deployments/d'), { as });
    await say.get(group('apps/v1', 'deployments/d/scale'), { as });
    await say.get('/api/v1/configmaps', { as });
    await say.get(`${core('configmaps')}?watch=true`, { as });
  });

  talk('cannot be given by who does not have it', async (all) => {
    const { say, group } = all;
    const as = 'bob';
    const path = (resource: string) => group(`${RBAC}/v1`, resource);
    const rules = [{ apiGroups: [RBAC], resources: ['roles', 'rolebindings'], verbs: ['*'] }];
    await grant(all, { user: as, rules });
    for (;;) if (isAllowed(await say.get(path('roles'), { as, isSilent: true }))) break;
    const more = [{ apiGroups: [''], resources: ['secrets'], verbs: ['get'] }];
    await say.post(path('roles'), { metadata: { name: 'more' }, rules: more }, { as });
    const roleRef = { apiGroup: RBAC, kind: 'ClusterRole', name: 'view' };
    const subjects = [{ apiGroup: RBAC, kind: 'User', name: as }];
    await say.post(
      path('rolebindings'),
      { metadata: { name: 'more' }, roleRef, subjects },
      { as, isGist: true },
    );
    await say.post(path('roles'), { metadata: { name: 'fine' }, rules }, { as });
    await say.patch('merge', `${path('rolebindings')}/bob`, { roleRef: { name: 'other' } }, { isGist: true });
    await say.post(path('roles'), { metadata: { name: 'bad' }, rules: [{ verbs: [] }] });
    await say.post(path('rolebindings'), { metadata: { name: 'bad' }, roleRef: {}, subjects: [{ kind: 'Robot', name: '' }] }); // prettier-ignore
  });

  talk('is told by reviews', async (all) => {
    const { say, namespace } = all;
    await grant(all, { user: 'eve', rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['list'] }] });
    const ask = (resourceAttributes: object) => ({ spec: { user: 'eve', resourceAttributes } });
    const sar = `${REVIEWS}/subjectaccessreviews`;
    const isGranted = async () => {
      const { body } = await say.post(sar, ask({ namespace, verb: 'list', resource: 'pods' }), SILENT);
      return (body as { readonly status: { readonly allowed: boolean } }).status.allowed;
    };
    for (;;) if (await isGranted()) break;
    await say.post(sar, ask({ namespace, verb: 'list', resource: 'pods' }));
    await say.post(sar, ask({ namespace, verb: 'get', resource: 'pods' }));
    await say.post(sar, ask({ verb: 'list', resource: 'pods' }));
    await say.post(sar, { spec: { user: 'eve', nonResourceAttributes: { path: '/healthz', verb: 'get' } } });
    await say.post(sar, { spec: { user: 'eve' } });
    await say.post(sar, { spec: { resourceAttributes: { verb: 'get' } } });
    const self = `${REVIEWS}/selfsubjectaccessreviews`;
    await say.post(self, { spec: { resourceAttributes: { namespace, verb: 'list', resource: 'pods' } } });
    await say.post(self, { spec: { resourceAttributes: { namespace, verb: 'list', resource: 'pods' } } }, { as: 'eve' }); // prettier-ignore
    await say.post('/apis/authentication.k8s.io/v1/selfsubjectreviews', {}, { as: 'eve' });
  });

  talk('comes with a token', async ({ say, core, namespace }) => {
    await say.post(core('serviceaccounts'), { metadata: { name: 'robot' } }, SILENT);
    const tokens = core('serviceaccounts/robot/token');
    const made = await say.post(tokens, { spec: { expirationSeconds: 600 } }, { isGist: true });
    await say.post(tokens, { spec: { expirationSeconds: 5 } });
    await say.post(tokens, { spec: { audiences: ['elsewhere'], expirationSeconds: 600 } }, { isGist: true });
    await say.post(core('serviceaccounts/none/token'), {});
    const { token } = (made.body as { readonly status: { readonly token: string } }).status;
    const review = '/apis/authentication.k8s.io/v1/tokenreviews';
    const reviewed = await say.post(review, { spec: { token } }, SILENT);
    const { status } = reviewed.body as {
      readonly status: { readonly authenticated: boolean; readonly user: { readonly username: string } };
    };
    if (!status.authenticated || status.user.username !== `system:serviceaccount:${namespace}:robot`)
      throw new Error(JSON.stringify(status));
    await say.post(review, { spec: {} }, { isGist: true });
    await say.post(core('pods'), pod('p', { spec: { serviceAccountName: 'absent' } }));
  });

  talk('may be had by acting as another', async ({ say, core }) => {
    await say.get(core('configmaps'), { as: 'nobody', headers: { 'impersonate-group': 'system:masters' }, isGist: true }); // prettier-ignore
    await say.get(core('configmaps'), { headers: { 'impersonate-group': 'some' } });
    await say.get(core('configmaps/x'), { as: 'system:serviceaccount:default:default' });
  });
});
