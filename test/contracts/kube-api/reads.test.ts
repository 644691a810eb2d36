/** Lists, selectors, pages, versions and watches. */
import { describeTargets } from '../../testenv/targets/describe-targets.ts';
import { type Conversation, conversation } from './conversation.ts';
import type { Answer } from './transcript.ts';
import { deployment, pod } from './workloads.ts';

interface ListMeta {
  readonly metadata: { readonly continue?: string; readonly resourceVersion: string };
}

function listMeta({ body }: Answer): ListMeta['metadata'] {
  return (body as ListMeta).metadata;
}

async function labelled({ say, core }: Conversation): Promise<void> {
  const all = [{ tier: 'web', size: '1' }, { tier: 'db', size: '2' }, { tier: 'web' }, {}];
  for (const [index, labels] of all.entries()) {
    const name = `m${String(index)}`;
    await say.post(core('configmaps'), { metadata: { name, labels: { mine: 'yes', ...labels } } }, { isSilent: true }); // prettier-ignore
  }
}

const SLIM = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

describeTargets('reads', (target) => {
  const talk = (title: string, hold: (talk: Conversation) => Promise<void>) => {
    conversation(target, { area: 'reads', title }, hold);
  };

  talk('select by labels', async (all) => {
    const { say, core } = all;
    await labelled(all);
    const selectors = [
      'tier=web',
      'tier==web,size',
      'tier!=web',
      '!tier',
      'tier in (web,db)',
      'tier notin (web)',
      'size>1',
      'size>1,mine=yes',
      'tier in (',
      '=x',
      'a=b=c',
      'tier in ()',
      'bad key=1',
      'tier=-',
    ];
    for (const selector of selectors) {
      const query = encodeURIComponent(`mine,${selector}`);
      await say.get(`${core('configmaps')}?labelSelector=${query}`, { accept: SLIM });
    }
  });

  talk('select by fields', async ({ say, core, namespace }) => {
    await say.post(core('pods'), pod('a', { spec: { nodeName: 'one' } }), { isSilent: true });
    await say.post(core('pods'), pod('b'), { isSilent: true });
    const selectors = [
      'spec.nodeName=one',
      'spec.nodeName=',
      'spec.nodeName!=one,status.phase=Pending',
      'metadata.name=b',
      `metadata.namespace=${namespace}`,
      'metadata.namespace=other',
      'spec.restartPolicy=Always',
      'spec.colour=red',
      'metadata.name',
      'status.phase in (Pending)',
    ];
    for (const selector of selectors) {
      await say.get(`${core('pods')}?fieldSelector=${encodeURIComponent(selector)}`, { accept: SLIM });
    }
    await say.get(`${core('configmaps')}?fieldSelector=data=1`, { accept: SLIM });
    await say.get(`/api/v1/pods?fieldSelector=metadata.namespace=${namespace},metadata.name=a`, {
      accept: SLIM,
    });
  });

  talk('come in pages', async (all) => {
    const { say, core } = all;
    await labelled(all);
    const path = `${core('configmaps')}?labelSelector=mine&limit=`;
    const ask = { accept: SLIM };
    const first = listMeta(await say.get(`${path}3`, ask));
    // A page shows the state of the first page.
    await say.delete(core('configmaps/m3'), { isSilent: true });
    const next = encodeURIComponent(first.continue ?? '');
    const rest = listMeta(await say.get(`${path}3&continue=${next}`, { ...ask, isSilent: true }));
    await say.get(`${path}1`, ask);
    await say.get(`${path}3&continue=nonsense`, { ...ask, isGist: true });
    await say.get(`${path}3&continue=${next}&resourceVersion=1`, ask);
    if (rest.continue !== undefined && rest.continue !== '') throw new Error('there is no third page');
  });

  talk('come at a version', async (all) => {
    const { say, core } = all;
    const before = listMeta(await say.get(core('configmaps?labelSelector=mine'), { isSilent: true }));
    await labelled(all);
    const path = `${core('configmaps')}?labelSelector=mine&resourceVersion=`;
    const ask = { accept: SLIM };
    await say.get(`${path}0`, ask);
    await say.get(`${path}${before.resourceVersion}&resourceVersionMatch=Exact`, ask);
    await say.get(`${path}${before.resourceVersion}&resourceVersionMatch=NotOlderThan`, ask);
    await say.get(`${path}&resourceVersionMatch=Exact`, ask);
    await say.get(`${path}1&resourceVersionMatch=Never`, ask);
    await say.get(`${path}zero`, ask);
    await say.get(`${path}0&resourceVersionMatch=Exact`, ask);
    await say.get(`${core('configmaps/m0')}?resourceVersion=zero`, ask);
  });

  talk('follow changes', async (all) => {
    const { say, core } = all;
    const { resourceVersion } = listMeta(await say.get(core('configmaps?labelSelector=mine'), { isSilent: true })); // prettier-ignore
    await labelled(all);
    const path = `${core('configmaps')}?watch=true&resourceVersion=${resourceVersion}`;
    const selected = `${path}&labelSelector=${encodeURIComponent('mine,tier=web')}`;
    const silent = { isSilent: true };
    const meanwhile = async () => {
      await say.patch('merge', core('configmaps/m1'), { metadata: { labels: { tier: 'web' } } }, silent);
      await say.patch('merge', core('configmaps/m0'), { metadata: { labels: { tier: 'db' } } }, silent);
      await say.delete(core('configmaps/m2'), silent);
    };
    await say.watch(selected, 5, { meanwhile });
    await say.watch(`${path}&fieldSelector=metadata.name=m2&timeoutSeconds=1`, 9);
    await say.watch(`${path}&labelSelector=tier%20in%20(&timeoutSeconds=1`, 9);
    await say.watch(`${path}&timeoutSeconds=1&allowWatchBookmarks=true&labelSelector=none`, 1);
  });

  talk('begin a watch with what there is', async (all) => {
    const { say, core } = all;
    await labelled(all);
    const path = `${core('configmaps')}?watch=true&labelSelector=mine`;
    const streaming = '&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
    await say.watch(`${path}${streaming}`, 5);
    await say.watch(`${path}&timeoutSeconds=1`, 4);
    await say.watch(`${path}&resourceVersion=0&timeoutSeconds=1`, 4);
    await say.watch(`${path}&sendInitialEvents=true&timeoutSeconds=1`, 1);
    await say.watch(`${path}&sendInitialEvents=false&timeoutSeconds=1`, 1);
    await say.watch(`${path}&resourceVersionMatch=Exact&timeoutSeconds=1`, 1);
    await say.watch(`${path}&resourceVersion=1&timeoutSeconds=1`, 1);
    await say.watch(`${core('configmaps/m0')}?watch=true&timeoutSeconds=1`, 1);
  });

  talk('may be slim', async (all) => {
    const { say, core, group } = all;
    await labelled(all);
    const one = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
    await say.get(core('configmaps/m0'), { accept: one });
    await say.get(`${core('configmaps')}?labelSelector=tier=db`, { accept: SLIM });
    await say.get(core('configmaps/m0'), { accept: 'application/yaml' });
    await say.get(core('configmaps/m0'), { accept: '*/*' });
    await say.get(core('configmaps/m0'), { accept: 'application/json;as=Nothing;g=meta.k8s.io;v=v1' });
    await say.post(group('apps/v1', 'deployments'), deployment('d'), { accept: one });
  });
});
