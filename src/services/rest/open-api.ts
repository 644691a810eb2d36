/** The OpenAPI 3.1 document of a table of routes. Its schemas are JSON Schema, which TypeBox writes anyway. */
import type { TObject, TSchema } from 'typebox';
import { PROBLEM_TYPE, ProblemSchema } from './problem.ts';
import { json, type Reply } from './reply.ts';
import type { AnswerSpec, Route } from './route.ts';

export interface ApiInfo {
  readonly title: string;
  readonly version: string;
  readonly description: string;
}

export interface OpenApiDocument {
  readonly openapi: '3.1.0';
  readonly info: ApiInfo & { readonly license: { readonly name: string; readonly identifier: string } };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: Readonly<Record<string, unknown>>;
}

export interface Operation {
  readonly summary: string;
  readonly description?: string;
  readonly operationId: string;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly required: false; readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Content }>>;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly required: boolean;
  readonly schema: TSchema;
}

type Content = Readonly<Record<string, { readonly schema?: unknown }>>;

export function openApiDocument(routes: readonly Route[], info: ApiInfo): OpenApiDocument {
  const paths: Record<string, Record<string, Operation>> = {};
  for (const route of routes) {
    const path = route.url.replace(/:([a-z_]+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route) };
  }
  return {
    openapi: '3.1.0',
    info: { ...info, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    paths,
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', description: 'A token of the cluster.' } },
      schemas: { Problem: ProblemSchema },
    },
  };
}

function operationOf(route: Route): Operation {
  const { summary, description, method, url, body, params, query, access } = route;
  const name = `${method.toLowerCase()}_${url.replaceAll(/[^a-zA-Z_]+/g, '_').replaceAll(/^_|_$/g, '')}`;
  return {
    summary,
    ...(description === undefined ? {} : { description }),
    operationId: name,
    security: access === 'public' ? [] : [{ bearer: [] }],
    parameters: [...parametersOf(params, 'path'), ...parametersOf(query, 'query')],
    ...(body === undefined
      ? {}
      : { requestBody: { required: false, content: { 'application/json': { schema: body } } } }),
    responses: { ...answersOf(route.answers), ...problems(route) },
  };
}

function parametersOf(schema: TObject | undefined, place: Parameter['in']): Parameter[] {
  const required: readonly string[] = schema?.required ?? [];
  return Object.entries((schema?.properties ?? {}) as Record<string, TSchema>).map(([name, one]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: one,
  }));
}

function answersOf(answers: Route['answers']): Operation['responses'] {
  return Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, answerOf(answer)]));
}

function answerOf({ description, schema, contentType = 'application/json' }: AnswerSpec) {
  const content = { [contentType]: schema === undefined ? {} : { schema } };
  return { description, content };
}

const PROBLEMS: Readonly<Record<string, string>> = {
  401: 'No token, or none that the API server accepts.',
  403: 'The caller may not do this.',
  422: 'A field cannot have the value it has; `errors` names each.',
  429: 'Too many requests; Retry-After says when to come again.',
  503: 'The cluster or the metrics source cannot be asked; Retry-After says when to come again.',
};

function problems({ access, answers }: Route): Operation['responses'] {
  const possible = access === 'public' ? ['429'] : Object.keys(PROBLEMS);
  const content = {
    [PROBLEM_TYPE.split(';', 1)[0] ?? '']: { schema: { $ref: '#/components/schemas/Problem' } },
  };
  return Object.fromEntries(
    possible
      .filter((status) => !(status in answers))
      .map((status) => [status, { description: PROBLEMS[status] ?? '', content }]),
  );
}

/** The document as an answer. */
export function openApiReply(document: OpenApiDocument): Reply {
  return json(document);
}
