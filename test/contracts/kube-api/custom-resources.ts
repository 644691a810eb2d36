/** Definitions of custom resources for conversations. */

export const GROUP = 'contract.kcloud.io';

const SPEC = {
  type: 'object',
  required: ['size'],
  'x-kubernetes-validations': [
    { rule: 'self.size <= self.most', message: 'size must not exceed most', fieldPath: '.size' },
    {
      rule: '!has(self.colour) || self.colour != "mud"',
      messageExpression: '"no " + self.colour',
      reason: 'FieldValueForbidden',
    },
    { rule: 'self.size >= oldSelf.size', message: 'size may only grow' },
  ],
  properties: {
    size: { type: 'integer', minimum: 1, maximum: 100 },
    most: { type: 'integer', default: 50 },
    colour: { type: 'string', enum: ['red', 'green', 'mud'] },
    name: { type: 'string', maxLength: 8, pattern: '^[a-z]+$' },
    mode: {
      type: 'string',
      default: 'slow',
      'x-kubernetes-validations': [{ rule: 'self == oldSelf', message: 'mode is immutable' }],
    },
    share: { type: 'number', minimum: 0, exclusiveMinimum: true, multipleOf: 0.25 },
    amount: { 'x-kubernetes-int-or-string': true },
    since: { type: 'string', format: 'date-time' },
    window: { type: 'string', format: 'duration' },
    free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    tags: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set', maxItems: 3 },
    parts: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      items: {
        type: 'object',
        required: ['name'],
        properties: { name: { type: 'string' }, weight: { type: 'integer', default: 1 } },
      },
    },
    limits: { type: 'object', additionalProperties: { type: 'integer' }, maxProperties: 2 },
    nothing: { type: 'string', nullable: true },
    deep: {
      type: 'object',
      default: {},
      properties: { on: { type: 'boolean', default: true }, off: { type: 'boolean' } },
    },
  },
};

export const STATUS = {
  type: 'object',
  properties: { phase: { type: 'string' }, replicas: { type: 'integer' }, seen: { type: 'string', format: 'date-time' } }, // prettier-ignore
};

const COLUMNS = [
  { name: 'Size', type: 'integer', jsonPath: '.spec.size', description: 'How large it is.' },
  { name: 'Phase', type: 'string', jsonPath: '.status.phase' },
  { name: 'Tags', type: 'string', jsonPath: '.spec.tags', priority: 1 },
  { name: 'Seen', type: 'date', jsonPath: '.status.seen' },
];

export interface Names {
  readonly plural: string;
  readonly kind: string;
}

/** A definition with everything that the playground claims to understand. */
export function definition(
  { plural, kind }: Names,
  more: { readonly spec?: object; readonly version?: object } = {},
) {
  const version = {
    name: 'v1',
    served: true,
    storage: true,
    subresources: {
      status: {},
      scale: { specReplicasPath: '.spec.size', statusReplicasPath: '.status.replicas' },
    },
    additionalPrinterColumns: COLUMNS,
    selectableFields: [{ jsonPath: '.spec.colour' }],
    schema: { openAPIV3Schema: { type: 'object', properties: { spec: SPEC, status: STATUS } } },
    ...more.version,
  };
  return {
    metadata: { name: `${plural}.${GROUP}` },
    spec: {
      group: GROUP,
      scope: 'Namespaced',
      names: { kind, plural, singular: kind.toLowerCase(), shortNames: [plural.slice(0, 3)] },
      versions: [version],
      ...more.spec,
    },
  };
}
