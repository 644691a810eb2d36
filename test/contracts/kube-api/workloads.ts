/** Small valid objects for conversations to start from. */

export const CONTAINER = { name: 'c', image: 'registry.example.com/app:1' };

export function pod(name: string, more: { readonly labels?: object; readonly spec?: object } = {}) {
  const { labels = { app: name }, spec = {} } = more;
  return { metadata: { name, labels }, spec: { containers: [CONTAINER], ...spec } };
}

export function deployment(name: string, more: object = {}) {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [CONTAINER] } };
  return { metadata: { name }, spec: { replicas: 2, selector: { matchLabels: labels }, template, ...more } };
}
