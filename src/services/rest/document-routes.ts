/** The two addresses at which every service explains itself. */
import { docsPage } from './docs-page.ts';
import type { OpenApiDocument } from './open-api.ts';
import { json } from './reply.ts';
import { defineRoute, type Route } from './route.ts';

export function documentRoutes(document: OpenApiDocument): Route[] {
  const shared = { method: 'GET', access: 'public' } as const;
  return [
    defineRoute({
      ...shared,
      url: '/openapi.json',
      summary: 'This API for machines.',
      answers: { 200: { description: 'OpenAPI 3.1.' } },
      handle: () => json(document),
    }),
    defineRoute({
      ...shared,
      url: '/docs',
      summary: 'This API for people.',
      answers: { 200: { description: 'HTML.', contentType: 'text/html' } },
      handle: () => docsPage(document),
    }),
  ];
}
