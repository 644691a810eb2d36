/** The names under which a profile asks for a typical workload. */
export const PRESET_NAMES = [
  'daily-service',
  'bursty-api',
  'batch',
  'leak',
  'jvm',
  'llm-inference',
  'idle',
] as const;
export type PresetName = (typeof PRESET_NAMES)[number];
