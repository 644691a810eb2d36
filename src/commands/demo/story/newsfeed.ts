/** What happens in the cluster, as lines: the operator's own Events, and kills for memory. */
import type { Event } from '#apis/kubernetes/builtin.ts';
import type { Style } from '../../terminal/table.ts';

export interface News {
  readonly atMs: number;
  /** `namespace/name` of the workload. */
  readonly subject: string;
  readonly reason: string;
  readonly word: string;
  readonly style: Style;
  readonly message: string;
}

/** Reasons that are worth a line, in a word of the user; at one moment, causes before what follows from them. */
const WORDS: Readonly<Record<string, readonly [word: string, style: Style]>> = {
  RecommendationReady: ['only shown', 'dim'],
  ResizeFellBack: ['rolls out', 'dim'],
  OptimizationApplied: ['applied', 'cyan'],
  OptimizationVerified: ['verified', 'green'],
  OptimizationOverridden: ['let go', 'yellow'],
  OOMKilling: ['killed', 'red'],
  OptimizationFailed: ['harm seen', 'red'],
  OptimizationRolledBack: ['rolled back', 'yellow'],
  EditsKept: ['edits kept', 'dim'],
};
const ORDER = Object.keys(WORDS);

/** Hands out each happening once. */
export class Newsfeed {
  readonly #events: () => readonly Event[];
  readonly #told = new Map<string, number>();

  /** `events` are all that are stored at the time of the call. */
  constructor(events: () => readonly Event[]) {
    this.#events = events;
  }

  /** What happened since the last call, in order. */
  latest(): readonly News[] {
    const news = this.#events().flatMap((event) => this.#newsOf(event));
    return news.sort((a, b) => a.atMs - b.atMs || compare(a.subject, b.subject) || place(a) - place(b));
  }

  #newsOf(event: Event): readonly News[] {
    const { reason = '', message = '' } = event;
    const shown = WORDS[reason];
    const subject = subjectOf(event);
    if (shown === undefined || subject === undefined || !this.#isNew(event)) return [];
    const [word, style] = shown;
    return [{ atMs: timeOf(event), subject, reason, word, style, message }];
  }

  /** Whether it is to be told: at first, and each time that it happens again. */
  #isNew({ metadata, count = 1, reason }: Event): boolean {
    const key = metadata.uid ?? '';
    const told = this.#told.get(key) ?? 0;
    this.#told.set(key, count);
    // A container that is killed in a loop is one happening.
    return told === 0 || (count > told && reason !== 'OOMKilling');
  }
}

function timeOf({ lastTimestamp, metadata }: Event): number {
  return Date.parse(String(lastTimestamp ?? metadata.creationTimestamp));
}

function place({ reason }: News): number {
  return ORDER.indexOf(reason);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

const KILLED_POD = /in pod (?<namespace>[^/\s]+)\/(?<workload>\S+)-[^-\s]+-[^-\s]+$/;

function subjectOf({ involvedObject, message = '' }: Event): string | undefined {
  const { kind, namespace = '', name = '' } = involvedObject;
  if (kind === 'CostOptimization') return `${namespace}/${name}`;
  const killed = KILLED_POD.exec(message)?.groups;
  return killed === undefined ? undefined : `${killed['namespace'] ?? ''}/${killed['workload'] ?? ''}`;
}
