/** OPTIMIZER_API_URL: the operator asks the optimizer API in place of its own engine. */
import { readFileSync } from 'node:fs';
import { OptimizerApiAnalysis } from '#adapters/optimizer-api/optimizer-api-analysis.ts';
import { optimizerEndpoint } from '#adapters/optimizer-api/optimizer-endpoint.ts';
import type { AnalysisSource } from '#domain/recommendation/analysis-source.ts';
import { KcError } from '#errors/kc-error.ts';
import type { Clock } from '#platform/clock.ts';
import type { Logger } from '#platform/logger.ts';
import { systemRandom } from '#platform/random.ts';
import { defineFlags, type FlagValues } from '../cli/flags.ts';

export const optimizerApiFlags = defineFlags({
  'optimizer-api-url': { type: 'text', env: ['OPTIMIZER_API_URL'], describe: 'ask this optimizer API instead of analysing here, e.g. http://optimizer-api.cost-optimizer.svc.cluster.local:8000' },
  'optimizer-api-token-file': { type: 'text', env: ['OPTIMIZER_API_TOKEN_FILE'], describe: 'file with the token for it, read anew for each call' },
  'optimizer-api-ca-file': { type: 'text', env: ['OPTIMIZER_API_CA_FILE'], describe: 'certificate authority of it' },
  'optimizer-api-timeout-seconds': { type: 'number', default: 10, min: 0.1, max: 300, describe: 'how long one call of it may take' },
}); // prettier-ignore

type Values = FlagValues<typeof optimizerApiFlags>;

interface Parts {
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Undefined where the operator analyses by itself. Throws KC_CONFIG_INVALID. */
export function optimizerApi(values: Values, { clock, logger }: Parts): AnalysisSource | undefined {
  const url = values['optimizer-api-url'];
  if (url === undefined) return undefined;
  const caFile = values['optimizer-api-ca-file'];
  const endpoint = optimizerEndpoint({
    url,
    tokenFile: values['optimizer-api-token-file'],
    authority: caFile === undefined ? undefined : readAuthority(caFile),
    clock,
    random: systemRandom,
    timeoutMs: values['optimizer-api-timeout-seconds'] * 1000,
  });
  logger.info('analyses come from the optimizer API', { address: endpoint.name });
  return new OptimizerApiAnalysis(endpoint);
}

function readAuthority(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new KcError('KC_CONFIG_INVALID', {
      field: '--optimizer-api-ca-file',
      problem: `cannot read ${file}`,
      cause,
    });
  }
}
