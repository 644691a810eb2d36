/** The OpenAPI document as one HTML page: no script, no style sheet, font or picture from anywhere. */
import type { OpenApiDocument, Operation, Parameter } from './open-api.ts';
import type { Reply } from './reply.ts';

const STYLE = `
  :root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
  body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
  h2 { border-top: 1px solid #8884; padding-top: 1.5rem; font-size: 1.1rem; }
  code, pre { font: 13px/1.45 ui-monospace, monospace; }
  pre { background: #8881; padding: .8rem; overflow: auto; max-height: 30rem; }
  table { border-collapse: collapse; } td, th { text-align: left; padding: .2rem .8rem .2rem 0; vertical-align: top; }
  .method { display: inline-block; min-width: 3.2rem; font-weight: 600; }
  .access { opacity: .7; font-weight: 400; font-size: .85rem; }
`;

export function docsPage(document: OpenApiDocument): Reply {
  const { info, paths } = document;
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => section(method.toUpperCase(), path, operation)),
  );
  const body = [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escape(info.title)}</title><style>${STYLE}</style></head><body>`,
    `<h1>${escape(info.title)} <small>${escape(info.version)}</small></h1><p>${escape(info.description)}</p>`,
    '<p>The same for machines: <a href="openapi.json">openapi.json</a>.</p>',
    ...operations,
    '</body></html>',
  ].join('\n');
  return { status: 200, contentType: 'text/html; charset=utf-8', body };
}

function section(method: string, path: string, operation: Operation): string {
  const access = operation.security.length === 0 ? 'without a token' : 'with a token';
  const { requestBody, responses, parameters, summary, description } = operation;
  return [
    `<h2 id="${escape(operation.operationId)}"><span class="method">${method}</span> <code>${escape(path)}</code>`,
    ` <span class="access">${access}</span></h2><p>${escape(summary)}</p>`,
    description === undefined ? '' : `<p>${escape(description)}</p>`,
    parameterTable(parameters),
    schemaDetails('Request body', requestBody?.content['application/json']?.schema),
    ...Object.entries(responses).map(([status, { description: said, content }]) =>
      schemaDetails(`${status}: ${said}`, Object.values(content ?? {})[0]?.schema),
    ),
  ].join('\n');
}

function parameterTable(parameters: readonly Parameter[]): string {
  if (parameters.length === 0) return '';
  const rows = parameters.map(({ name, in: place, required, schema }) => {
    const { description = '', ...rest } = schema as { readonly description?: string };
    const told = `${escape(description)} <code>${escape(JSON.stringify(rest))}</code>`;
    return `<tr><td><code>${escape(name)}</code></td><td>${place}${required ? ', required' : ''}</td><td>${told}</td></tr>`;
  });
  return `<table>${rows.join('')}</table>`;
}

function schemaDetails(title: string, schema: unknown): string {
  if (schema === undefined) return `<p>${escape(title)}</p>`;
  const shown = escape(JSON.stringify(schema, null, 2));
  return `<details><summary>${escape(title)}</summary><pre>${shown}</pre></details>`;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => ENTITIES[sign] ?? sign);
}
