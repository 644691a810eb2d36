/** The document that is sealed: the entries of one workload, one per CostOptimization that changed it. */
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import type { RollbackEntry } from '#domain/rollback/rollback-entry.ts';
import { KcError } from '#errors/kc-error.ts';

const Fields = Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Null()]));
const Strategy = Type.Enum(['InPlace', 'Rollout']);

const Entry = Type.Object({
  owner: Type.Object({ uid: Type.String(), namespace: Type.String(), name: Type.String() }),
  target: Type.Object({
    kind: Type.Enum(['Deployment', 'StatefulSet', 'DaemonSet']),
    namespace: Type.String(),
    name: Type.String(),
  }),
  targetUid: Type.String(),
  original: Fields,
  applied: Fields,
  overlay: Fields,
  intent: Type.Union([
    Type.Null(),
    Type.Object({
      recommendationId: Type.String(),
      strategy: Strategy,
      changes: Fields,
      monthlyUsd: Type.Number(),
    }),
  ]),
  restoring: Type.Union([
    Type.Null(),
    Type.Object({ reason: Type.String(), message: Type.String(), atMs: Type.Number() }),
  ]),
  steps: Type.Integer(),
  recommendationId: Type.String(),
  predictedMonthlyUsd: Type.Number(),
  storedAtMs: Type.Number(),
});

const Document = Type.Object({ version: Type.Literal(1), entries: Type.Record(Type.String(), Entry) });

/** Entries by the uid of their CostOptimization. */
export type Entries = Readonly<Record<string, RollbackEntry>>;

export function writeDocument(entries: Entries): string {
  return JSON.stringify({ version: 1, entries });
}

/** Throws KC_ROLLBACK_STATE_UNREADABLE where the text is not such a document. */
export function readDocument(text: string, place: string): Entries {
  const parsed = parseJson(text, place);
  if (!Value.Check(Document, parsed)) {
    const first = Value.Errors(Document, parsed)[0];
    throw new KcError('KC_ROLLBACK_STATE_UNREADABLE', {
      object: place,
      ...(first === undefined ? {} : { field: first.instancePath }),
      problem: first?.message ?? 'does not have the expected shape',
    });
  }
  const document: Static<typeof Document> = parsed;
  return document.entries;
}

function parseJson(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new KcError('KC_ROLLBACK_STATE_UNREADABLE', {
      object: place,
      problem: 'is not JSON',
      cause: error,
    });
  }
}
