/** What machines cost: base rates, and a price list that is followed as it changes. */
import { LivePrices } from '#adapters/prices/live-prices.ts';
import { PriceFile, type PriceSource, PriceUrl } from '#adapters/prices/price-source.ts';
import { DEFAULT_PRICES, type ResourcePrices } from '#domain/cost/resource-prices.ts';
import { SystemClock } from '#platform/clock.ts';
import type { Logger } from '#platform/logger.ts';
import { defineFlags, type FlagValues } from './flags.ts';

export const priceFlags = defineFlags({
  'cpu-usd-per-core-hour': { type: 'number', min: 0, env: ['CPU_USD_PER_CORE_HOUR'], describe: `price of a core (default ${DEFAULT_PRICES.cpuUsdPerCoreHour})` },
  'memory-usd-per-gib-hour': { type: 'number', min: 0, env: ['MEMORY_USD_PER_GIB_HOUR'], describe: `price of a GiB (default ${DEFAULT_PRICES.memoryUsdPerGibHour})` },
  'gpu-usd-per-hour': { type: 'number', min: 0, env: ['GPU_USD_PER_HOUR'], describe: `price of a whole GPU (default ${DEFAULT_PRICES.gpuUsdPerHour})` },
  'price-list': { type: 'text', env: ['PRICE_LIST'], describe: 'file or address with USD per hour, followed as it changes; YAML, JSON or CSV with the keys "m6i.xlarge", "m6i.xlarge@<zone>", "m6i.xlarge/spot", "m6i.xlarge/spot@<zone>", "node/<name>", "gpu/<product>"' },
}); // prettier-ignore

type Values = FlagValues<typeof priceFlags>;

/** The base rates and the price list that the flags name. Throws KC_PRICES_INVALID for a list that is none. */
export function pricesOf(values: Values, logger?: Logger): LivePrices {
  const list = values['price-list'];
  const source = list === undefined ? undefined : sourceOf(list);
  return LivePrices.open({ base: baseRates(values), source, clock: new SystemClock(), logger });
}

function baseRates(values: Values): ResourcePrices {
  const [cpu, memory, gpu] = [
    values['cpu-usd-per-core-hour'],
    values['memory-usd-per-gib-hour'],
    values['gpu-usd-per-hour'],
  ];
  const configured = [cpu, memory, gpu].some((rate) => rate !== undefined);
  return {
    cpuUsdPerCoreHour: cpu ?? DEFAULT_PRICES.cpuUsdPerCoreHour,
    memoryUsdPerGibHour: memory ?? DEFAULT_PRICES.memoryUsdPerGibHour,
    gpuUsdPerHour: gpu ?? DEFAULT_PRICES.gpuUsdPerHour,
    source: configured ? 'configured' : 'default',
  };
}

function sourceOf(list: string): PriceSource {
  return /^https?:\/\//.test(list) ? new PriceUrl(list) : new PriceFile(list);
}
