import { describe, expect, it } from 'vitest';
import { DEFAULT_PRICES } from '../cost/resource-prices.ts';
import { type ProposalInput, propose } from './proposal.ts';

const CPU = 'containers/app/requests/cpu';
const MEMORY = 'containers/app/requests/memory';

const input: ProposalInput = {
  present: { [CPU]: '2', [MEMORY]: '4Gi', replicas: 5 },
  hpaFields: {},
  original: {},
  wanted: { [CPU]: '400m' },
  maxChangePercent: 50,
  replicas: 5,
  prices: DEFAULT_PRICES,
};

describe('a proposal', () => {
  it('is the capped step towards what is wanted, with the cost of both', () => {
    const proposal = propose(input);
    expect(proposal).toMatchObject({ step: { [CPU]: '1' }, target: { [CPU]: '400m' }, reachesTarget: false });
    expect(proposal?.currentMonthlyUsd).toBeCloseTo(5 * 730 * (2 * 0.04 + 4 * 0.005), 9);
    expect(proposal?.stepMonthlyUsd).toBeCloseTo(5 * 730 * (1 * 0.04 + 4 * 0.005), 9);
    expect(proposal?.targetMonthlyUsd).toBeCloseTo(5 * 730 * (0.4 * 0.04 + 4 * 0.005), 9);
  });

  it('is nothing where nothing worthwhile would change', () => {
    expect(propose({ ...input, wanted: { [CPU]: '1900m', [MEMORY]: '4Gi' } })).toBeUndefined();
    expect(propose({ ...input, wanted: {} })).toBeUndefined();
  });

  it('is nothing where the cap leaves no whole replica to take', () => {
    const present = { ...input.present, replicas: 2 };
    expect(propose({ ...input, present, wanted: { replicas: 1 }, maxChangePercent: 40 })).toBeUndefined();
  });

  it('prices fewer replicas', () => {
    const proposal = propose({ ...input, wanted: { replicas: 4 } });
    expect(proposal?.stepMonthlyUsd).toBeCloseTo(((proposal?.currentMonthlyUsd ?? 0) * 4) / 5, 9);
  });

  it('moves the target of an autoscaler with the request, from the originals', () => {
    const proposal = propose({
      ...input,
      present: { ...input.present, [CPU]: '1' },
      hpaFields: { 'hpa/web/target/cpu': 133 },
      original: { [CPU]: '1500m', 'hpa/web/target/cpu': 89 },
      wanted: { [CPU]: '500m' },
    });
    expect(proposal?.step).toEqual({ [CPU]: '500m', 'hpa/web/target/cpu': 267 });
  });
});
