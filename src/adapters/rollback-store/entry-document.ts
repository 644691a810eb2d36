/** The document that is sealed: the entries of one workload, one per CostOptimization that changed it. */
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { parseResourcePath } from '#domain/change/field.ts';
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
  // Entries of before have none of these.
  resized: Type.Optional(Type.Array(Type.String())),
  version: Type.Optional(Type.Integer({ minimum: 0 })),
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
  const { entries }: Static<typeof Document> = parsed;
  return Object.fromEntries(Object.entries(entries).map(([uid, stored]) => [uid, entryOf(stored)]));
}

/** Where an entry does not say what was resized, anything may have been. */
function entryOf(stored: Static<typeof Entry>): RollbackEntry {
  const sizes = Object.keys(stored.original).filter((path) => parseResourcePath(path) !== undefined);
  return { ...stored, resized: stored.resized ?? sizes, version: stored.version ?? 0 };
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
