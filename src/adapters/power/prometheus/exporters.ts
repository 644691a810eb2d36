/** Every exporter that is understood. */
import { ACCELERATOR_EXPORTERS } from './accelerators.ts';
import type { Exporter } from './exporter.ts';
import { KEPLER } from './kepler.ts';
import { KEPLER_LEGACY } from './kepler-legacy.ts';
import { SCAPHANDRE } from './scaphandre.ts';

export const EXPORTERS: readonly Exporter[] = [KEPLER, KEPLER_LEGACY, SCAPHANDRE, ...ACCELERATOR_EXPORTERS];
