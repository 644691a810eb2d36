/** The YAML reader, as a module of our own: only such can be loaded late from a bundle by the names of its exports. */
export { parse } from 'yaml';
