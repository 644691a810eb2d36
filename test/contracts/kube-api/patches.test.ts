/** Merge, strategic and JSON patches, and who owns the fields that they change. */
import { describeTargets } from '../../testenv/targets/describe-targets.ts';
import { type Conversation, conversation } from './conversation.ts';
import { deployment } from './workloads.ts';

const SILENT = { isSilent: true };
const GIST = { isGist: true };

describeTargets('patches', (target) => {
  const talk = (title: string, hold: (talk: Conversation) => Promise<void>) => {
    conversation(target, { area: 'patches', title }, hold);
  };

  talk('merge objects', async ({ say, core }) => {
    const map = `${core('configmaps')}/a`;
    await say.post(core('configmaps'), { metadata: { name: 'a' }, data: { a: '1', b: '2' } }, SILENT);
    await say.patch('merge', map, { data: { a: null, c: '3' } });
    await say.patch('merge', map, { data: null });
    await say.patch('merge', map, { data: { z: '1' } }, { headers: { 'user-agent': 'other/1' } });
    await say.patch('merge', map, {});
    await say.patch('merge', map, [], GIST);
    await say.patch('merge', map, '{');
    await say.patch('merge', map, { data: { a: 5 } });
    await say.patch('merge', map, { metadata: { resourceVersion: '1' } });
    await say.patch('merge', map, { metadata: { uid: '11111111-1111-1111-1111-111111111111' } });
    await say.send('PATCH', map, { body: {}, contentType: 'application/json' });
    await say.send('PATCH', map, { body: {}, contentType: 'text/x-other' });
    await say.patch('merge', `${map}?fieldManager=me&force=true`, { data: { z: '2' } });
    await say.patch('merge', `${map}?fieldManager=${'m'.repeat(129)}`, { data: { z: '2' } });
  });

  talk('merge lists by their keys', async ({ say, group }) => {
    const path = `${group('apps/v1', 'deployments')}/d`;
    await say.post(group('apps/v1', 'deployments'), deployment('d'), SILENT);
    const containers = (...list: object[]) => ({ spec: { template: { spec: { containers: list } } } });
    await say.patch('strategic', path, containers({ name: 'c', env: [{ name: 'A', value: '1' }] }));
    await say.patch('strategic', path, containers({ name: 'side', image: 'side:1' }));
    await say.patch('strategic', path, containers({ name: 'c', env: [{ name: 'B', value: '2' }] }));
    await say.patch('strategic', path, containers({ name: 'c', env: [{ name: 'A', $patch: 'delete' }] }));
    await say.patch('strategic', path, containers({ name: 'side', $patch: 'delete' }));
    await say.patch('strategic', path, containers({ image: 'nameless' }));
    await say.patch('strategic', path, { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } });
    await say.patch('strategic', path, {
      spec: {
        template: {
          spec: {
            '$setElementOrder/containers': [{ name: 'first' }, { name: 'c' }],
            containers: [{ name: 'first', image: 'first:1' }],
          },
        },
      },
    });
    await say.patch('strategic', path, { spec: { template: { spec: { containers: [{ $patch: 'replace' }, { name: 'n', image: 'n' }] } } } }); // prettier-ignore
    await say.patch('strategic', path, { metadata: { labels: { $patch: 'replace', only: 'this' } } });
    await say.patch('strategic', path, { spec: { template: { spec: { containers: 'text' } } } }, GIST);
    await say.patch('strategic', path, { spec: { selector: { matchLabels: { app: 'other' } } } });
    await say.patch('strategic', path, { spec: { replicas: 'two' } }, GIST);
    await say.patch('strategic', path, { spec: { replicas: -1 } });
  });

  talk('change lists of plain values', async ({ say, core }) => {
    const maps = core('configmaps');
    const finalizers = ['example.com/a', 'example.com/b'];
    await say.post(maps, { metadata: { name: 'f', finalizers } }, SILENT);
    await say.patch('strategic', `${maps}/f`, { metadata: { finalizers: ['example.com/c'] } });
    await say.patch('strategic', `${maps}/f`, {
      metadata: { '$deleteFromPrimitiveList/finalizers': ['example.com/a'] },
    });
    await say.patch('strategic', `${maps}/f`, {
      metadata: {
        '$setElementOrder/finalizers': ['example.com/d', 'example.com/c', 'example.com/b'],
        finalizers: ['example.com/d'],
      },
    });
    await say.patch('merge', `${maps}/f`, { metadata: { finalizers: null } });
  });

  talk('follow JSON pointers', async ({ say, core }) => {
    const maps = core('configmaps');
    const map = `${maps}/j`;
    await say.post(maps, { metadata: { name: 'j', labels: { 'a/b': '1', 'a~b': '2' } }, data: { x: '1' } }, SILENT); // prettier-ignore
    await say.patch('json', map, [{ op: 'add', path: '/data/y', value: '2' }]);
    await say.patch('json', map, [{ op: 'replace', path: '/metadata/labels/a~1b', value: 'slash' }]);
    await say.patch('json', map, [{ op: 'remove', path: '/metadata/labels/a~0b' }]);
    await say.patch('json', map, [{ op: 'test', path: '/data/x', value: '1' }, { op: 'move', from: '/data/x', path: '/data/z' }]); // prettier-ignore
    await say.patch('json', map, [{ op: 'copy', from: '/data/z', path: '/data/w' }]);
    await say.patch('json', map, [{ op: 'test', path: '/data/x', value: 'none' }]);
    await say.patch('json', map, [{ op: 'test', path: '/data/z', value: 'other' }]);
    await say.patch('json', map, [{ op: 'remove', path: '/data/none' }]);
    await say.patch('json', map, [{ op: 'replace', path: '/data/none', value: '1' }]);
    await say.patch('json', map, [{ op: 'add', path: '/none/deep', value: '1' }]);
    await say.patch('json', map, [{ op: 'dance', path: '/data/z' }]);
    await say.patch('json', map, []);
    await say.patch('json', map, [{ op: 'add', path: '/metadata/finalizers', value: ['example.com/x'] }]);
    await say.patch('json', map, [{ op: 'add', path: '/metadata/finalizers/-', value: 'example.com/y' }]);
    await say.patch('json', map, [{ op: 'add', path: '/metadata/finalizers/0', value: 'example.com/z' }]);
    await say.patch('json', map, [{ op: 'remove', path: '/metadata/finalizers/9' }]);
    await say.patch('json', map, [{ op: 'remove', path: '/metadata/finalizers' }]);
  });
});
