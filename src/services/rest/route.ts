/** One route: what it takes and answers, who may call it, and the function behind it. */
import { type Static, type TObject, type TSchema, Type } from 'typebox';
import type { Caller } from './access/caller.ts';
import { type FieldProblem, InvalidRequest } from './field-problem.ts';
import { readTexts } from './query-values.ts';
import type { Reply } from './reply.ts';
import { type Check, type Checked, compileCheck } from './validation.ts';

/** `public` needs no token, `write` changes something. */
export type AccessKind = 'public' | 'read' | 'write';

export interface AnswerSpec {
  readonly description: string;
  readonly schema?: TSchema;
  /** Default JSON. */
  readonly contentType?: string;
}

/** Who asks, for handlers that act in somebody's name. */
export interface Call {
  readonly caller: Caller;
  readonly requestId: string;
  /** Aborted when the caller hangs up. */
  readonly signal: AbortSignal;
}

interface Input<B extends TSchema, Q extends TObject, P extends TObject> {
  readonly body: Static<B>;
  readonly query: Static<Q>;
  readonly params: Static<P>;
}

interface Declaration<B extends TSchema, Q extends TObject, P extends TObject> {
  readonly method: 'GET' | 'POST';
  /** With `:name` for parts of the path. */
  readonly url: string;
  readonly summary: string;
  readonly description?: string;
  readonly access: AccessKind;
  /** How many ordinary requests it counts for; default 1. */
  readonly weight?: number;
  readonly body?: B;
  readonly query?: Q;
  readonly params?: P;
  readonly answers: Readonly<Record<number, AnswerSpec>>;
  readonly handle: (input: Input<B, Q, P>, call: Call) => Promise<Reply> | Reply;
}

/** What arrived, before any check. */
export interface RawInput {
  readonly body: unknown;
  readonly query: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly params: Readonly<Record<string, string | undefined>>;
}

export interface Route extends Omit<Declaration<TSchema, TObject, TObject>, 'handle'> {
  /** Checks, then handles. Rejects with InvalidRequest, naming the fields. */
  answer(raw: RawInput, call: Call): Promise<Reply>;
}

const NOTHING = Type.Object({}, { additionalProperties: false });

export function defineRoute<
  B extends TSchema = typeof NOTHING,
  Q extends TObject = typeof NOTHING,
  P extends TObject = typeof NOTHING,
>(declaration: Declaration<B, Q, P>): Route {
  const { handle, query, params, body, ...rest } = declaration;
  const closedQuery = { ...(query ?? NOTHING), additionalProperties: false };
  const checks = {
    body: compileCheck(body ?? NOTHING, ''),
    query: compileCheck(closedQuery, 'query.'),
    params: compileCheck(params ?? NOTHING, 'path.'),
  };
  return {
    ...rest,
    ...(query === undefined ? {} : { query }),
    ...(params === undefined ? {} : { params }),
    ...(body === undefined ? {} : { body }),
    answer: async (raw, call) => {
      const parts = {
        params: readTexts(params ?? NOTHING, raw.params),
        query: readTexts(query ?? NOTHING, raw.query),
        // No body at all asks for the defaults.
        body: rest.method === 'GET' ? {} : (raw.body ?? {}),
      };
      return handle(checkAll(checks, parts) as Input<B, Q, P>, call);
    },
  };
}

type Parts<T> = Readonly<Record<'body' | 'query' | 'params', T>>;

function checkAll(checks: Parts<Check>, parts: Parts<unknown>): Parts<unknown> {
  const checked = {
    params: checks.params(parts.params),
    query: checks.query(parts.query),
    body: checks.body(parts.body),
  };
  const problems = Object.values(checked).flatMap(problemsIn);
  if (problems.length > 0) throw new InvalidRequest(problems);
  return { params: valueOf(checked.params), query: valueOf(checked.query), body: valueOf(checked.body) };
}

function problemsIn(checked: Checked): readonly FieldProblem[] {
  return 'problems' in checked ? checked.problems : [];
}

function valueOf(checked: Checked): unknown {
  return 'value' in checked ? checked.value : undefined;
}
