/** Which methods an address knows, for the header Allow. */
import type { Route } from './route.ts';

export function methodsAt(routes: readonly Route[], path: string): string[] {
  const parts = partsOf(path);
  const found = routes.filter((route) => fits(partsOf(route.url), parts)).map(({ method }) => method);
  return [...new Set(found.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])))];
}

function partsOf(path: string): string[] {
  return path.replace(/^\/+|\/+$/g, '').split('/');
}

function fits(pattern: readonly string[], parts: readonly string[]): boolean {
  return (
    pattern.length === parts.length &&
    pattern.every((part, place) => part.startsWith(':') || part === parts[place])
  );
}
