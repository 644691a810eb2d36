/** Times, money and news in the words of the demo. */
import { HOURS_PER_MONTH } from '#domain/cost/resource-prices.ts';
import type { Stage } from './stage.ts';
import type { News } from './newsfeed.ts';

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;

/** `Mon 08:35`, in UTC, which is the demo's local time. */
export function clockText(atMs: number): string {
  const date = new Date(atMs);
  return `${DAYS[date.getUTCDay()] ?? ''} ${date.toISOString().slice(11, 16)}`;
}

/** `$1,234`. */
export function dollars(usd: number, digits = 0): string {
  const amount = Math.abs(usd).toLocaleString('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  const isZero = Number(amount.replaceAll(',', '')) === 0;
  return `${usd < 0 && !isZero ? '−' : ''}$${amount}`;
}

export function perMonth(usdPerHour: number): number {
  return usdPerHour * HOURS_PER_MONTH;
}

export function gibText(bytes: number): string {
  return `${Math.round(bytes / 2 ** 30).toLocaleString('en-US')} GiB`;
}

const SUBJECT_COLUMNS = 25;
const WORD_COLUMNS = 11;

/** `Mon 08:04  web/auth  applied  cpu_request 500m → 250m`. */
export function newsLine(news: News, stage: Pick<Stage, 'style'>): string {
  return [
    stage.style('dim', clockText(news.atMs)),
    news.subject.padEnd(SUBJECT_COLUMNS),
    stage.style(news.style, news.word.padEnd(WORD_COLUMNS)),
    shortMessage(news),
  ].join('  ');
}

/** What changes, without a limit where it moves with its request, and without what the word of the line says already. */
export function shortMessage({ message, reason }: Pick<News, 'message' | 'reason'>): string {
  if (reason === 'OOMKilling') return message.replace(/^.*Killed process of /, '');
  const changes = /^(?<what>\S+ (?:saves|costs) [^:]*: )?(?<list>\S*(?:cpu|memory|replicas)\S*[ =].*)$/.exec(
    message,
  )?.groups;
  if (changes === undefined) return message;
  const parts = (changes['list'] ?? '').split(', ');
  const isRepeated = (part: string): boolean => parts.includes(part.replace('_limit', '_request'));
  const shown = parts.filter((part) => !part.includes('_limit') || !isRepeated(part));
  return `${changes['what'] ?? ''}${shown.join(', ').replaceAll('_request', '').replaceAll('=', ' ')}`;
}
