/** The kind of the example: a Greeting asks for a ConfigMap with its text. */
import { type Static, Type } from 'typebox';
import type { KubeObject } from '#apis/kubernetes/object.ts';
import type { ResourceType } from '#kube/client/resource-type.ts';
import { customResourceDefinition } from '#kube/crd/crd-definition.ts';
import type { Condition } from '../conditions/conditions.ts';

const Spec = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 63, description: 'Whom to greet.' }),
    words: Type.Optional(Type.String({ default: 'Hello', description: 'How to greet.' })),
  },
  { description: 'The greeting that is wanted.' },
);

const Conditions = Type.Array(
  Type.Object({
    type: Type.String(),
    status: Type.Enum(['True', 'False', 'Unknown']),
    reason: Type.String(),
    message: Type.String(),
    lastTransitionTime: Type.String({ format: 'date-time' }),
    observedGeneration: Type.Optional(Type.Integer()),
  }),
  { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] },
);

const Status = Type.Object({
  observedGeneration: Type.Optional(Type.Integer()),
  conditions: Type.Optional(Conditions),
});

export interface Greeting extends KubeObject {
  readonly spec: Static<typeof Spec>;
  readonly status?: { readonly observedGeneration?: number; readonly conditions?: readonly Condition[] };
}

export const GREETINGS: ResourceType<Greeting> = {
  group: 'example.kcloud.io',
  version: 'v1',
  plural: 'greetings',
  kind: 'Greeting',
  namespaced: true,
};

export const GREETING_CRD = customResourceDefinition({
  type: GREETINGS,
  schema: Type.Object({ spec: Spec, status: Type.Optional(Status) }, { description: 'A Greeting greets.' }),
  printerColumns: [
    { name: 'READY', type: 'string', jsonPath: ".status.conditions[?(@.type=='Ready')].status" },
  ],
});
