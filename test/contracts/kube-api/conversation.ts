/** A test that holds one conversation with each server and compares what was said with the golden file. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { ApiTarget } from '../../testenv/targets/api-target.ts';
import { Transcript } from './transcript.ts';

export interface Conversation {
  readonly say: Transcript;
  readonly target: ApiTarget;
  /** A namespace made for this conversation, the same on each server. */
  readonly namespace: string;
  /** The path of a core resource in the namespace. */
  readonly core: (resource: string) => string;
  /** The path of a resource of another group in the namespace. */
  readonly group: (groupVersion: string, resource: string) => string;
}

/** Declares the test; its golden file is named after `area` and the title. */
export function conversation(
  target: () => ApiTarget,
  { area, title }: { readonly area: string; readonly title: string },
  hold: (talk: Conversation) => Promise<void>,
): void {
  it(title, async () => {
    const slug = title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-|-$/g, ''); // prettier-ignore
    const namespace = `${area}-${slug}`.slice(0, 50).replace(/-$/, '');
    const say = new Transcript(target().transport);
    await say.post('/api/v1/namespaces', { metadata: { name: namespace } }, { isSilent: true });
    // Pods are refused before it exists.
    await say.until(
      `/api/v1/namespaces/${namespace}/serviceaccounts/default`,
      ({ status }) => status === 200,
    );
    await hold({
      say,
      target: target(),
      namespace,
      core: (resource) => `/api/v1/namespaces/${namespace}/${resource}`,
      group: (groupVersion, resource) => `/apis/${groupVersion}/namespaces/${namespace}/${resource}`,
    });
    await expect(say.text()).toMatchFileSnapshot(join(import.meta.dirname, 'golden', area, `${slug}.txt`));
  });
}
