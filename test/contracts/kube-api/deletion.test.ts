/** Finalizers, graceful ends, and what happens to dependents. */
import { describeTargets } from '../../testenv/targets/describe-targets.ts';
import { type Conversation, conversation } from './conversation.ts';
import type { Answer } from './transcript.ts';
import { pod } from './workloads.ts';

const SILENT = { isSilent: true };
const FINALIZER = 'contract.kcloud.io/hold';

function uidOf({ body }: Answer): string {
  return (body as { readonly metadata: { readonly uid: string } }).metadata.uid;
}

const isGone = ({ status }: Answer) => status === 404;

/** An owner and a dependent that blocks it. */
async function family({ say, core }: Conversation, dependent: object = {}): Promise<void> {
  const owner = await say.post(core('configmaps'), { metadata: { name: 'owner' } }, SILENT);
  const ownerReferences = [
    { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: uidOf(owner), blockOwnerDeletion: true },
  ];
  const metadata = { name: 'dependent', ownerReferences, ...dependent };
  await say.post(core('configmaps'), { metadata }, SILENT);
}

describeTargets('deletion', (target) => {
  const talk = (title: string, hold: (talk: Conversation) => Promise<void>) => {
    conversation(target, { area: 'deletion', title }, hold);
  };

  talk('waits for finalizers', async ({ say, core }) => {
    const maps = core('configmaps');
    await say.post(maps, { metadata: { name: 'a', finalizers: [FINALIZER] } }, SILENT);
    await say.delete(`${maps}/a`);
    await say.delete(`${maps}/a`);
    await say.patch('merge', `${maps}/a`, { data: { still: 'writable' } });
    await say.patch('merge', `${maps}/a`, {
      metadata: { finalizers: [FINALIZER, 'contract.kcloud.io/late'] },
    });
    await say.patch('merge', `${maps}/a`, { metadata: { finalizers: [] } });
    await say.get(`${maps}/a`);
  });

  talk('takes dependents along in the background', async (all) => {
    const { say, core } = all;
    await family(all);
    await say.delete(core('configmaps/owner'), { body: { propagationPolicy: 'Background' } });
    await say.until(core('configmaps/dependent'), isGone);
    await say.get(core('configmaps/owner'));
  });

  talk('waits for dependents in the foreground', async (all) => {
    const { say, core } = all;
    await family(all, { finalizers: [FINALIZER] });
    await say.delete(core('configmaps/owner'), { body: { propagationPolicy: 'Foreground' } });
    await say.until(core('configmaps/dependent'), ({ body }) => 'deletionTimestamp' in (body as { readonly metadata: object }).metadata); // prettier-ignore
    await say.get(core('configmaps/owner'));
    await say.patch('merge', core('configmaps/dependent'), { metadata: { finalizers: null } }, SILENT);
    await say.until(core('configmaps/owner'), isGone);
    await say.get(core('configmaps/dependent'));
  });

  talk('leaves orphans where that is asked for', async (all) => {
    const { say, core } = all;
    await family(all);
    await say.delete(core('configmaps/owner'), { body: { propagationPolicy: 'Orphan' } });
    await say.until(core('configmaps/owner'), isGone);
    await say.get(core('configmaps/dependent'));
  });

  talk('takes what has an owner that never was', async ({ say, core }) => {
    const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'ghost', uid: '11111111-1111-1111-1111-111111111111' }]; // prettier-ignore
    await say.post(core('configmaps'), { metadata: { name: 'd', ownerReferences } });
    await say.until(core('configmaps/d'), isGone);
  });

  talk('says what cannot be asked for', async ({ say, core }) => {
    const maps = core('configmaps');
    await say.post(maps, { metadata: { name: 'a' } }, SILENT);
    await say.delete(`${maps}/a`, { body: { propagationPolicy: 'Sideways' } });
    await say.delete(`${maps}/a`, { body: { propagationPolicy: 'Orphan', orphanDependents: false } });
    await say.delete(`${maps}/a`, { body: { gracePeriodSeconds: -2 } });
    await say.delete(`${maps}/a?gracePeriodSeconds=x`);
    await say.delete(`${maps}/a?propagationPolicy=Sideways`);
  });

  talk('ends pods gracefully where they run', async ({ say, core }) => {
    await say.post(core('pods'), pod('waiting'), SILENT);
    await say.delete(core('pods/waiting'));
    await say.get(core('pods/waiting'));
    await say.post(core('pods'), pod('bound', { spec: { nodeName: 'one' } }), SILENT);
    await say.delete(core('pods/bound'));
    await say.delete(core('pods/bound?gracePeriodSeconds=5'));
    await say.delete(core('pods/bound'));
    await say.delete(core('pods/bound'), { body: { gracePeriodSeconds: 0 } });
    await say.get(core('pods/bound'));
  });

  talk('ends a namespace with all that is in it', async ({ say }) => {
    const path = '/api/v1/namespaces/doomed';
    await say.post('/api/v1/namespaces', { metadata: { name: 'doomed' } }, SILENT);
    await say.post(`${path}/configmaps`, { metadata: { name: 'held', finalizers: [FINALIZER] } }, SILENT);
    await say.post(`${path}/configmaps`, { metadata: { name: 'free' } }, SILENT);
    await say.delete(path);
    await say.until(`${path}/configmaps/free`, isGone);
    await say.post(`${path}/configmaps`, { metadata: { name: 'late' } });
    await say.patch('merge', `${path}/configmaps/held`, { metadata: { finalizers: null } }, SILENT);
    await say.until(path, isGone);
    await say.delete('/api/v1/namespaces/kube-system');
    await say.delete('/api/v1/namespaces/default');
  });
});
