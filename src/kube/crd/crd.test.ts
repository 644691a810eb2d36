import { Type } from 'typebox';
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '#apis/kubernetes/object.ts';
import { CUSTOM_RESOURCE_DEFINITIONS } from '../client/builtin-types.ts';
import { KubeClient } from '../client/kube-client.ts';
import type { ResourceType } from '../client/resource-type.ts';
import { FakeApiServer } from '../testing/fake-api-server.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { type CrdDefinition, customResourceDefinition } from './crd-definition.ts';
import { crdReference } from './crd-reference.ts';
import { installCrds } from './install-crds.ts';
import { structuralSchema } from './structural-schema.ts';

const description = 'What it is.';

describe('a structural schema', () => {
  it.each([
    ['a choice', Type.Enum(['a', 'b'], { default: 'a' }), { type: 'string', enum: ['a', 'b'], default: 'a' }],
    ['a choice of numbers', Type.Enum([1, 2]), { type: 'integer', enum: [1, 2] }],
    [
      'a union of literals',
      Type.Union([Type.Literal('a'), Type.Literal('b')], { description }),
      { type: 'string', enum: ['a', 'b'], description },
    ],
    ['a literal', Type.Literal(true), { type: 'boolean', enum: [true] }],
    [
      'a record',
      Type.Record(Type.String(), Type.Integer()),
      { type: 'object', additionalProperties: { type: 'integer' } },
    ],
    [
      'an integer or a text',
      Type.Union([Type.Integer(), Type.String()]),
      { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] },
    ],
    [
      'a marked integer or text',
      Type.Union([Type.String(), Type.Integer()], { 'x-kubernetes-int-or-string': true, pattern: '^1' }),
      { 'x-kubernetes-int-or-string': true, pattern: '^1', anyOf: [{ type: 'integer' }, { type: 'string' }] },
    ],
    [
      'something or null',
      Type.Union([Type.String({ maxLength: 3 }), Type.Null()]),
      { type: 'string', maxLength: 3, nullable: true },
    ],
    [
      'an exclusive bound',
      Type.Number({ exclusiveMinimum: 0, maximum: 1 }),
      { type: 'number', minimum: 0, exclusiveMinimum: true, maximum: 1 },
    ],
    [
      'a list',
      Type.Array(Type.String(), { minItems: 1, 'x-kubernetes-list-type': 'set' }),
      { type: 'array', items: { type: 'string' }, minItems: 1, 'x-kubernetes-list-type': 'set' },
    ],
    [
      'anything',
      Type.Unknown({ 'x-kubernetes-preserve-unknown-fields': true }),
      { 'x-kubernetes-preserve-unknown-fields': true },
    ],
    ['an empty object', Type.Object({}), { type: 'object' }],
    [
      'an object',
      Type.Object(
        { a: Type.Optional(Type.String()), b: Type.Boolean() },
        { 'x-kubernetes-validations': [{ rule: 'self.b' }] },
      ),
      {
        type: 'object',
        properties: { a: { type: 'string' }, b: { type: 'boolean' } },
        required: ['b'],
        'x-kubernetes-validations': [{ rule: 'self.b' }],
      },
    ],
  ])('expresses %s', (_name, schema, structural) => {
    expect(structuralSchema(schema, 'x')).toEqual(structural);
  });

  it.each([
    ['a union of shapes', Type.Union([Type.String(), Type.Boolean()]), 'x: is a union of different shapes'],
    ['a mixed choice', Type.Enum(['a', 1]), 'values of different types'],
    ['null', Type.Null(), 'has the type "null"'],
    ['anything unmarked', Type.Unknown(), 'has no type'],
    ['a tuple', Type.Tuple([Type.String()]), '"additionalItems"'],
    ['an intersection', Type.Intersect([Type.Object({}), Type.Object({})]), '"allOf"'],
    ['a reference', Type.Ref('Other'), '"$ref"'],
    ['unique items', Type.Array(Type.String(), { uniqueItems: true }), '"uniqueItems"'],
    ['names by pattern', Type.Record(Type.String({ pattern: '^a' }), Type.String()), 'by pattern'],
    [
      'a closed object',
      Type.Object({ a: Type.String() }, { additionalProperties: false }),
      'forbids unknown members',
    ],
    [
      'a map-like list whose items may lack the key',
      Type.Array(Type.Object({ k: Type.Optional(Type.String()) }), {
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['k'],
      }),
      'need not carry',
    ],
    ['a list type on a text', Type.String({ 'x-kubernetes-list-type': 'set' }), 'is not a list'],
  ])('refuses %s and says where', (_name, schema, message) => {
    const nested = Type.Object({ spec: Type.Array(Type.Object({ field: schema })) });
    expect(() => structuralSchema(nested, 'Thing')).toThrow(message.replace('x:', 'Thing.spec[].field:'));
    expect(() => structuralSchema(nested, 'Thing')).toThrow(
      /^Thing\.spec\[\]\.field: .*KC_SCHEMA_UNSUPPORTED/,
    );
  });
});

const WIDGETS: ResourceType = {
  group: 'example.com',
  version: 'v1',
  plural: 'widgets',
  kind: 'Widget',
  namespaced: true,
};

const WIDGET: CrdDefinition = {
  type: WIDGETS,
  shortNames: ['wd'],
  schema: Type.Object(
    {
      spec: Type.Object(
        {
          size: Type.Integer({ minimum: 1, maximum: 9, default: 3, description: 'How large | how wide.' }),
          parts: Type.Optional(
            Type.Array(
              Type.Object({ name: Type.String({ pattern: '^a|b$' }) }, { description: 'One part.' }),
            ),
          ),
        },
        {
          description: 'What is wanted.',
          'x-kubernetes-validations': [{ rule: 'self.size != 4', message: 'size must not be 4' }],
        },
      ),
      status: Type.Optional(Type.Object({ phase: Type.Optional(Type.Enum(['Ready', 'Failed'])) })),
    },
    { description: 'A widget.' },
  ),
  printerColumns: [{ name: 'PHASE', type: 'string', jsonPath: '.status.phase' }],
};

describe('a definition', () => {
  it('says everything that the schema says', () => {
    expect(customResourceDefinition(WIDGET)).toMatchObject({
      apiVersion: 'apiextensions.k8s.io/v1',
      metadata: { name: 'widgets.example.com' },
      spec: {
        scope: 'Namespaced',
        names: {
          kind: 'Widget',
          listKind: 'WidgetList',
          plural: 'widgets',
          singular: 'widget',
          shortNames: ['wd'],
        },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            subresources: { status: {} },
            additionalPrinterColumns: [{ name: 'PHASE' }],
            schema: { openAPIV3Schema: { required: ['spec'], properties: { metadata: { type: 'object' } } } },
          },
        ],
      },
    });
  });

  it('of a protected group must say how it was approved', () => {
    const type = { ...WIDGETS, group: 'optimization.k8s.io' };
    expect(() => customResourceDefinition({ ...WIDGET, type })).toThrow(/api-approved\.kubernetes\.io/);
    const annotations = { 'api-approved.kubernetes.io': 'unapproved, experimental-only' };
    expect(customResourceDefinition({ ...WIDGET, type, annotations }).metadata?.annotations).toEqual(
      annotations,
    );
  });
});

describe('the reference page', () => {
  it('lists every field with its rules', () => {
    expect(crdReference(customResourceDefinition(WIDGET))).toMatchInlineSnapshot(`
      "# Widget

      A widget.

      - API version: \`example.com/v1\`
      - Scope: Namespaced
      - Names: \`widgets\`, \`widget\`, \`wd\`

      ## spec

      What is wanted.

      - size must not be 4

      | field | type | default | rules | description |
      |---|---|---|---|---|
      | \`size\` (required) | integer | \`3\` | ≥ 1; ≤ 9 | How large \\| how wide. |
      | \`parts\` | list of object |  |  | One part. |

      ## spec.parts[]

      One part.

      | field | type | default | rules | description |
      |---|---|---|---|---|
      | \`name\` (required) | string |  | matches \`^a\\|b$\` |  |

      ## status

      | field | type | default | rules | description |
      |---|---|---|---|---|
      | \`phase\` | \`Ready\`, \`Failed\` |  |  |  |

      ## Columns of \`kubectl get\`

      | column | path |
      |---|---|
      | PHASE | \`.status.phase\` |
      "
    `);
  });
});

describe('installing definitions', () => {
  function establish(server: FakeApiServer, condition: object): void {
    const key = 'apiextensions.k8s.io/v1/customresourcedefinitions';
    const [crd] = server.storage.list(`apis/${key}`);
    server.storage.update(
      `apis/${key}`,
      { ...(crd as KubeObject), status: { conditions: [condition] } } as KubeObject,
      1,
    );
  }

  it('waits until the API server serves them', async () => {
    const clock = new ManualClock();
    const server = new FakeApiServer();
    const client = new KubeClient(server);
    let done = false;
    const installing = installCrds([customResourceDefinition(WIDGET)], {
      client,
      clock,
      fieldManager: 'me',
    }).then(() => (done = true));
    await clock.advance(1000);
    expect(done).toBe(false);
    establish(server, { type: 'Established', status: 'True' });
    await clock.advance(1000);
    await installing;
    expect(
      (await client.get(CUSTOM_RESOURCE_DEFINITIONS, { name: 'widgets.example.com' })).spec.names.kind,
    ).toBe('Widget');
  });

  it('says why where they are not', async () => {
    const clock = new ManualClock();
    const server = new FakeApiServer();
    const options = { client: new KubeClient(server), clock, fieldManager: 'me' };
    const installing = installCrds([customResourceDefinition(WIDGET)], options);
    const failed = expect(installing).rejects.toThrow(/names are taken: wd is taken/);
    await clock.advance(1000);
    establish(server, { type: 'NamesAccepted', status: 'False', message: 'wd is taken' });
    await clock.advance(40_000);
    await failed;
  });
});
