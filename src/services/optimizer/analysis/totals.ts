/** What findings save together. Some exclude each other: only what can be had at once is added up. */
import type { Finding } from './findings.ts';

export function savingsOf(finding: Finding): number {
  return finding.currentUsdPerMonth - finding.optimizedUsdPerMonth;
}

/**
 * USD per month that the findings of one workload save at best. CPU and memory go together; replicas, spot and
 * schedules each change what the others would save, so the best of them counts; what is only reported does not.
 */
export function savingsTogether(findings: readonly Finding[]): number {
  const sizes = findings.filter(({ type }) => type.startsWith('right_size_'));
  const others = findings.filter(({ type }) => !type.startsWith('right_size_') && type !== 'delete_unused');
  const apart = others.map(savingsOf);
  const together = sizes.reduce((sum, finding) => sum + savingsOf(finding), 0);
  const candidates = sizes.length > 0 ? [together, ...apart] : apart;
  return candidates.length === 0 ? 0 : Math.max(...candidates);
}
