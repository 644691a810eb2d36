/** Bundles the command into one file for the image: it starts faster and needs less memory than the sources. */
import { build } from 'esbuild';
import { bundleOptions } from './bundle-options.ts';

await build({ ...bundleOptions, logLevel: 'info' });
