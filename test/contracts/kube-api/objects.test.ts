/** Creating, reading, replacing and deleting objects, and what is refused. */
import { describeTargets } from '../../testenv/targets/describe-targets.ts';
import { type Conversation, conversation } from './conversation.ts';

describeTargets('objects', (target) => {
  const talk = (title: string, hold: (talk: Conversation) => Promise<void>) => {
    conversation(target, { area: 'objects', title }, hold);
  };

  talk('are created, read, replaced and deleted', async ({ say, core }) => {
    const maps = core('configmaps');
    const made = await say.post(maps, { metadata: { name: 'a', labels: { x: 'y' } }, data: { k: '1' } });
    await say.get(`${maps}/a`);
    await say.post(maps, { metadata: { name: 'a' } });
    await say.put(`${maps}/a`, { ...(made.body as object), data: { k: '2' } });
    await say.put(`${maps}/a`, { ...(made.body as object), data: { k: '3' } });
    await say.put(`${maps}/a`, { metadata: { name: 'a' }, data: { k: '4' } });
    await say.put(`${maps}/a`, { metadata: { name: 'a' }, data: { k: '4' } });
    await say.put(`${maps}/a`, { metadata: { name: 'other' } });
    await say.put(`${maps}/a`, { metadata: { name: 'a', uid: '11111111-1111-1111-1111-111111111111' } });
    await say.put(`${maps}/none`, { metadata: { name: 'none' } });
    await say.put(`${maps}/none`, { metadata: { name: 'none', resourceVersion: '1' } });
    await say.delete(`${maps}/a`, {
      body: { preconditions: { uid: '11111111-1111-1111-1111-111111111111' } },
    });
    await say.delete(`${maps}/a`, { body: { preconditions: { resourceVersion: '1' } } });
    await say.delete(`${maps}/a`);
    await say.delete(`${maps}/a`);
    await say.get(`${maps}/a`);
  });

  talk('get generated names', async ({ say, core }) => {
    const maps = core('configmaps');
    await say.post(maps, { metadata: { generateName: 'gen-' } });
    await say.post(maps, { metadata: {} });
    await say.post(maps, { metadata: { name: '' } });
    await say.post(maps, { metadata: { generateName: 'gen-', name: 'given' } });
  });

  talk('are only tried where nothing is to be written', async ({ say, core }) => {
    const maps = core('configmaps');
    await say.post(`${maps}?dryRun=All`, { metadata: { name: 'dry' }, data: { a: '1' } });
    await say.get(`${maps}/dry`);
    await say.post(`${maps}?dryRun=Some`, { metadata: { name: 'dry' } });
    await say.post(maps, { metadata: { name: 'wet' }, data: { a: '1' } }, { isSilent: true });
    await say.post(`${maps}?dryRun=All`, { metadata: { name: 'wet' } });
    await say.patch('merge', `${maps}/wet?dryRun=All`, { data: { a: '2' } });
    await say.put(`${maps}/wet?dryRun=All`, { metadata: { name: 'wet' }, data: { a: '3' } });
    await say.delete(`${maps}/wet?dryRun=All`);
    await say.get(`${maps}/wet`);
  });

  talk('are refused with the reason where they are malformed', async ({ say, core, namespace }) => {
    const maps = core('configmaps');
    await say.post(maps, '{"metadata": {"name": "x"');
    await say.post(maps, 'hello', { contentType: 'text/plain' });
    await say.post(maps, '', {});
    await say.post(maps, '[]', { isGist: true });
    await say.post(maps, { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'x' } });
    await say.post(maps, { apiVersion: 'v2', kind: 'ConfigMap', metadata: { name: 'x' } });
    await say.post(maps, { apiVersion: 'apps/v1', kind: 'ConfigMap', metadata: { name: 'x' } });
    await say.post(maps, { metadata: { name: 'x' }, data: { a: 1 } });
    await say.post(maps, { metadata: { name: 'x' }, data: 'text' });
    await say.post(maps, { metadata: { name: 'x', labels: { a: true } } });
    await say.post(maps, { metadata: { name: 'x', namespace: 'elsewhere' } });
    await say.post(maps, { metadata: { name: 'UPPER' } });
    await say.post(maps, { metadata: { name: 'x', labels: { 'bad key!': 'v', ok: 'bad value!' } } });
    await say.post(maps, { metadata: { name: 'x', annotations: { '': 'v' }, finalizers: ['nodomain'] } });
    await say.post(maps, { metadata: { name: 'x', ownerReferences: [{ kind: 'Pod' }] } });
    await say.post(maps, { metadata: { name: 'x' }, data: { 'a b': '' } });
    await say.post(maps, { metadata: { name: 'x' }, data: { a: '' }, binaryData: { a: 'AA==' } });
    await say.post('/api/v1/namespaces/absent/configmaps', { metadata: { name: 'x' } });
    await say.post('/api/v1/configmaps', { metadata: { name: 'x', namespace } });
    await say.post(`${maps}/x`, { metadata: { name: 'x' } });
  });

  talk('may have unknown fields where that is allowed', async ({ say, core }) => {
    const maps = core('configmaps');
    const unknown = { metadata: { name: 'u', colour: 'red' }, data: {}, taste: { sweet: true } };
    await say.post(`${maps}?fieldValidation=Strict`, unknown);
    await say.post(`${maps}?fieldValidation=Warn`, unknown);
    await say.patch('merge', `${maps}/u?fieldValidation=Strict`, { taste: 1 });
    await say.patch('strategic', `${maps}/u?fieldValidation=Warn`, { taste: 1 });
    await say.patch('merge', `${maps}/u?fieldValidation=Ignore`, { taste: 1 });
    await say.patch('merge', `${maps}/u?fieldValidation=Sometimes`, { taste: 1 });
    await say.post(`${maps}?fieldValidation=Strict`, '{"metadata":{"name":"d"},"data":{"a":"1","a":"2"}}');
    await say.post(`${maps}?fieldValidation=Warn`, '{"metadata":{"name":"d"},"data":{"a":"1","a":"2"}}');
    await say.post(`${maps}?fieldValidation=Strict`, 'metadata: {name: n1, taste: yes}\ndata: {a: "1"}', {
      contentType: 'application/yaml',
    });
  });

  talk('are found nowhere else', async ({ say, core }) => {
    await say.get('/api/v2');
    await say.get('/apis/none.example.com/v1/things');
    await say.get(core('things'));
    await say.get('/api/v1/configmaps/x');
    await say.get('/api/v1/namespaces/absent/configmaps');
    await say.get('/api/v1/namespaces/absent');
    await say.get(core('configmaps/absent/status'));
    await say.put(core('configmaps'), {});
    await say.delete('/api/v1/nodes/absent');
    await say.patch('merge', '/apis/apps/v1/deployments/none', {});
    await say.get('/nothing');
    await say.get(core('pods/absent/log'));
    await say.get(core('configmaps'), { accept: 'text/html' });
    await say.get(core('configmaps?limit=many'));
  });

  talk('stay as they are where they are immutable', async ({ say, core }) => {
    const maps = core('configmaps');
    await say.post(maps, { metadata: { name: 'stone' }, data: { a: '1' }, immutable: true });
    await say.patch('merge', `${maps}/stone`, { data: { a: '2' } });
    await say.patch('merge', `${maps}/stone`, { immutable: null });
    await say.patch('merge', `${maps}/stone`, { metadata: { labels: { fine: 'yes' } } });
    const secrets = core('secrets');
    await say.post(secrets, { metadata: { name: 's' }, stringData: { a: 'text' } });
    await say.patch('merge', `${secrets}/s`, { type: 'other' });
    await say.patch('merge', `${secrets}/s`, { data: { a: 'not base64!' } });
    await say.patch('merge', `${maps}/stone`, { metadata: { name: 'other' } });
    await say.patch('merge', `${maps}/stone`, { metadata: { creationTimestamp: null, generation: 9 } });
    await say.patch('merge', `${maps}/stone`, { kind: 'Secret' }, { isGist: true });
  });

  talk('are deleted in one go', async ({ say, core }) => {
    const maps = core('configmaps');
    for (const name of ['a', 'b', 'c']) {
      const labels = name === 'c' ? { keep: 'yes' } : { keep: 'no' };
      await say.post(maps, { metadata: { name, labels } }, { isSilent: true });
    }
    await say.delete(`${maps}?labelSelector=keep=no`);
    await say.get(`${maps}?labelSelector=keep`);
    await say.delete(`${maps}?labelSelector=keep=maybe`);
  });
});
