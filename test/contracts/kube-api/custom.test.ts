/** Custom resources: definitions, pruning, defaults, rules, subresources, columns. */
import { describeTargets } from '../../testenv/targets/describe-targets.ts';
import { type Conversation, conversation } from './conversation.ts';
import { definition, GROUP, type Names } from './custom-resources.ts';
import type { Answer } from './transcript.ts';

const SILENT = { isSilent: true };
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const VERSION = `${GROUP}/v1`;

function isEstablished({ body }: Answer): boolean {
  const { status } = body as { readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] } }; // prettier-ignore
  return status?.conditions?.some(({ type, status }) => type === 'Established' && status === 'True') ?? false;
}

/** Defines the resource, waits until it is served, and returns the path of its objects in the namespace. */
async function define({ say, group }: Conversation, names: Names, more = {}): Promise<string> {
  await say.post(DEFINITIONS, definition(names, more), SILENT);
  await say.until(`${DEFINITIONS}/${names.plural}.${GROUP}`, isEstablished);
  const path = group(VERSION, names.plural);
  await say.until(path, ({ status }) => status === 200);
  return path;
}

function custom(name: string, spec: object) {
  return { apiVersion: VERSION, kind: 'Widget', metadata: { name }, spec };
}

describeTargets('custom resources', (target) => {
  const talk = (title: string, hold: (talk: Conversation) => Promise<void>) => {
    conversation(target, { area: 'custom', title }, hold);
  };

  talk('are defined', async ({ say }) => {
    await say.post(DEFINITIONS, definition({ plural: 'cups', kind: 'Cup' }));
    const one = `${DEFINITIONS}/cups.${GROUP}`;
    await say.until(one, isEstablished);
    await say.get(one);
    await say.until(`/apis/${VERSION}`, ({ status }) => status === 200);
    await say.get(`/apis/${GROUP}`);
    await say.get(`/apis/${VERSION}`);
    await say.get(one, { accept: 'application/json;as=Table;g=meta.k8s.io;v=v1' });
  });

  talk('are refused where a definition makes no sense', async ({ say }) => {
    const names = { plural: 'bads', kind: 'Bad' };
    const refuse = (more: Parameters<typeof definition>[1]) =>
      say.post(DEFINITIONS, definition(names, more), { isGist: true });
    const schema = (openAPIV3Schema: unknown) => refuse({ version: { schema: { openAPIV3Schema }, selectableFields: [] } }); // prettier-ignore
    await say.post(DEFINITIONS, { ...definition(names), metadata: { name: 'wrong' } });
    await refuse({ spec: { scope: 'Global' } });
    await refuse({ spec: { group: 'Not A Group' } });
    await refuse({ version: { storage: false } });
    await refuse({ version: { schema: undefined, selectableFields: [] } });
    await refuse({ version: { additionalPrinterColumns: [{ name: 'x', type: 'thing', jsonPath: 'spec' }] } });
    await schema({ type: 'string' });
    await schema({ type: 'object', properties: { spec: { properties: { a: { type: 'string' } } } } });
    await schema({ type: 'object', properties: { spec: { type: 'object', properties: { a: { type: 'array' } } } } }); // prettier-ignore
    await schema({ type: 'object', properties: { spec: { type: 'integer', default: 'text' } } });
    await schema({ type: 'object', properties: { spec: { type: 'string', pattern: '(' } } });
    await schema({ type: 'object', properties: { spec: { type: 'object', 'x-kubernetes-validations': [{ rule: 'self.none == 1' }] } } }); // prettier-ignore
    await schema({ type: 'object', properties: { spec: { type: 'object', 'x-kubernetes-validations': [{ rule: 'self +' }] } } }); // prettier-ignore
    await schema({ type: 'object', properties: { spec: { $ref: '#/x' } } });
    await schema({ type: 'object', properties: { a: { type: 'array', items: { type: 'object', properties: { k: { type: 'string' } } }, 'x-kubernetes-list-type': 'map' } } }); // prettier-ignore
    await schema({ type: 'object', additionalProperties: { type: 'string' }, properties: { a: { type: 'string' } } }); // prettier-ignore
  });

  talk('are pruned and filled in', async (all) => {
    const { say } = all;
    const path = await define(all, { plural: 'pans', kind: 'Pan' });
    const pan = (name: string, spec: object) => ({ ...custom(name, spec), kind: 'Pan' });
    await say.post(path, pan('a', { size: 1, unknown: true, free: { any: { thing: 1 } }, deep: { odd: 1 } }));
    await say.post(`${path}?fieldValidation=Strict`, pan('b', { size: 1, unknown: true, deep: { odd: 1 } }));
    await say.post(`${path}?fieldValidation=Warn`, pan('c', { size: 1, unknown: true }));
    await say.post(
      path,
      pan('d', { size: 2, nothing: null, mode: null, deep: null, parts: [{ name: 'p' }] }),
    );
    await say.post(path, { ...pan('e', { size: 1 }), status: { phase: 'ignored' } });
    await say.patch('merge', `${path}/a`, { spec: { unknown: 2, most: null } });
    await say.patch('strategic', `${path}/a`, { spec: { size: 2 } });
    await say.patch('json', `${path}/a`, [{ op: 'add', path: '/spec/tags', value: ['x'] }]);
    await say.get(path);
  });

  talk('are checked', async (all) => {
    const { say } = all;
    const path = await define(all, { plural: 'pots', kind: 'Pot' });
    const check = (spec: object) => say.post(`${path}?dryRun=All`, { ...custom('x', spec), kind: 'Pot' });
    await say.post(path, { apiVersion: VERSION, kind: 'Pot', metadata: { name: 'Not Valid' } });
    await check({});
    await check({ size: 0 });
    await check({ size: 101, most: 200 });
    await check({ size: 1.5 });
    await check({ size: '1' });
    await check({ size: 60 });
    await check({ size: 1, colour: 'mud' });
    await check({ size: 1, colour: 'blue' });
    await check({ size: 1, name: 'much-too-long-and-wrong' });
    await check({ size: 1, share: 0.3 });
    await check({ size: 1, amount: '5%', since: '2026-01-02T03:04:05Z', window: '5m' });
    await check({ size: 1, amount: true });
    await check({ size: 1, since: 'yesterday', window: 'long' });
    await check({ size: 1, tags: ['a', 'a'] });
    await check({ size: 1, tags: ['a', 'b', 'c', 'd'] });
    await check({ size: 1, parts: [{ name: 'a' }, { name: 'a' }, {}] });
    await check({ size: 1, limits: { a: 1, b: 'x', c: 3 } });
    await check({ size: 1, nothing: null, free: 'text' });
    await check([] as object);
    await say.post(path, { ...custom('kind', { size: 1, most: 2 }), kind: 'Other' });
    await say.post(path, { ...custom('ok', { size: 5 }), kind: 'Pot' }, SILENT);
    await say.patch('merge', `${path}/ok`, { spec: { size: 3 } });
    await say.patch('merge', `${path}/ok`, { spec: { mode: 'fast' } });
    await say.patch('merge', `${path}/ok`, { spec: { size: 60, colour: 'mud' } });
    await say.put(`${path}/ok`, { ...custom('ok', { size: 6 }), kind: 'Pot' });
  });

  talk('have a status and a scale', async (all) => {
    const { say } = all;
    const path = await define(all, { plural: 'jars', kind: 'Jar' });
    await say.post(path, { ...custom('a', { size: 3 }), kind: 'Jar' }, SILENT);
    await say.patch('merge', `${path}/a/status`, {
      status: { phase: 'Open', replicas: 2 },
      spec: { size: 9 },
    });
    await say.patch('merge', `${path}/a`, { status: { phase: 'Shut' } });
    await say.patch('merge', `${path}/a/status`, { status: { phase: 1 } }, { isGist: true });
    await say.get(`${path}/a/scale`);
    await say.patch('merge', `${path}/a/scale`, { spec: { replicas: 7 } });
    await say.patch('merge', `${path}/a/scale`, { spec: { replicas: 1000 } });
    await say.get(`${path}/a`);
    await say.get(`${path}/a/other`);
  });

  talk('are applied by owners', async (all) => {
    const { say } = all;
    const path = await define(all, { plural: 'lids', kind: 'Lid' });
    const lid = (spec: object) => ({ ...custom('a', spec), kind: 'Lid' });
    await say.patch('apply', `${path}/a?fieldManager=one`, lid({ size: 3, tags: ['x'], parts: [{ name: 'p', weight: 2 }] })); // prettier-ignore
    await say.patch(
      'apply',
      `${path}/a?fieldManager=two`,
      lid({ size: 3, tags: ['y'], parts: [{ name: 'q' }] }),
    );
    await say.patch('apply', `${path}/a?fieldManager=two`, lid({ size: 4 }));
    await say.patch('apply', `${path}/a?fieldManager=two`, lid({ tags: ['y'], limits: { a: 1 } }));
    await say.patch('apply', `${path}/a?fieldManager=one`, lid({ size: 5, unknown: 1 }));
    await say.get(`${path}/a`);
  });

  talk('are shown and selected', async (all) => {
    const { say } = all;
    const path = await define(all, { plural: 'bowls', kind: 'Bowl' });
    const bowl = (name: string, spec: object) => ({ ...custom(name, spec), kind: 'Bowl' });
    await say.post(path, bowl('a', { size: 3, colour: 'red', tags: ['x', 'y'] }), SILENT);
    await say.post(path, bowl('b', { size: 4, colour: 'green' }), SILENT);
    await say.patch('merge', `${path}/a/status`, { status: { phase: 'Full', seen: '2020-01-02T03:04:05Z' } }, SILENT); // prettier-ignore
    const table = { accept: 'application/json;as=Table;g=meta.k8s.io;v=v1' };
    await say.get(`${path}?includeObject=None`, table);
    await say.get(`${path}?fieldSelector=spec.colour=red`, { accept: 'application/json' });
    await say.get(`${path}?fieldSelector=spec.size=3`);
  });

  talk('go with their definition', async (all) => {
    const { say } = all;
    const path = await define(all, { plural: 'mugs', kind: 'Mug' });
    await say.post(path, { ...custom('a', { size: 3 }), kind: 'Mug' }, SILENT);
    await say.delete(`${DEFINITIONS}/mugs.${GROUP}`);
    await say.until(`${DEFINITIONS}/mugs.${GROUP}`, ({ status }) => status === 404);
    await say.until(path, ({ status }) => status === 404);
    await say.get(path);
  });
});
