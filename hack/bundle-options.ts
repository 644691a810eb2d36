/** How the command is bundled: one entry point, parts that are loaded late as chunks. */
import type { BuildOptions } from 'esbuild';

export const bundleOptions: BuildOptions = {
  entryPoints: ['src/main.ts'],
  outdir: 'dist',
  entryNames: 'kcloud',
  bundle: true,
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  platform: 'node',
  target: 'node26',
  format: 'esm',
  minify: true,
  keepNames: true,
  sourcemap: 'linked',
  legalComments: 'external',
  // CommonJS packages call require for Node's own modules.
  banner: {
    js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
  },
};
