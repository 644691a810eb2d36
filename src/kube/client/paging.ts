/** Lists page by page, so that a large collection is never in memory as one text. */
import type { KubeList, KubeObject } from '#apis/kubernetes/object.ts';
import { isGone } from './api-error.ts';
import type { ListOptions } from './options.ts';

/** Fetches one page. */
export type PageFetcher<T extends KubeObject> = (options: ListOptions) => Promise<KubeList<T>>;

const PAGE_SIZE = 500;

/**
 * Every page as one list, with the resource version of the first. All pages show the same state; where the server
 * has forgotten that state half-way (410), the collection is read once more, whole, in one answer.
 */
export async function listAllPages<T extends KubeObject>(
  fetchPage: PageFetcher<T>,
  options: ListOptions,
  keep: (object: T) => T = (object) => object,
): Promise<KubeList<T>> {
  const first = await fetchPage({ limit: PAGE_SIZE, ...options });
  const items = first.items.map(keep);
  let next = first.metadata.continue ?? '';
  while (next !== '') {
    const page = await nextPage(fetchPage, { limit: PAGE_SIZE, ...options, continue: next });
    if (page === undefined) return wholeList(fetchPage, options, keep);
    items.push(...page.items.map(keep));
    next = page.metadata.continue ?? '';
  }
  return asWhole(first, items);
}

/** The page, or undefined where the server has forgotten the state that the pages show. */
async function nextPage<T extends KubeObject>(
  fetchPage: PageFetcher<T>,
  options: ListOptions,
): Promise<KubeList<T> | undefined> {
  try {
    return await fetchPage(options);
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

async function wholeList<T extends KubeObject>(
  fetchPage: PageFetcher<T>,
  options: ListOptions,
  keep: (object: T) => T,
): Promise<KubeList<T>> {
  const { limit: _limit, continue: _continue, ...unpaged } = options;
  const list = await fetchPage(unpaged);
  return asWhole(list, list.items.map(keep));
}

function asWhole<T extends KubeObject>(list: KubeList<T>, items: readonly T[]): KubeList<T> {
  const { continue: _continue, remainingItemCount: _count, ...metadata } = list.metadata;
  return { ...list, metadata, items };
}
