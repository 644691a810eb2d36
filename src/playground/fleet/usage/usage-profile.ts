/** Reads usage profiles: checks them, and fills in what their preset says. */
import { Compile, type Validator } from 'typebox/compile';
import { parse } from 'yaml';
import { KcError, messageOf } from '#errors/kc-error.ts';
import { tryParseQuantity } from '#apis/kubernetes/quantity.ts';
import type { PresetName } from './preset-names.ts';
import { PRESETS } from './presets.ts';
import { USAGE_ANNOTATION, type UsageProfile, UsageProfileSchema } from './usage-schema.ts';

let validator: Validator | undefined;

/**
 * Reads the annotation's text. Throws KC_USAGE_PROFILE_INVALID, naming `object` and the field.
 * The preset's fields are filled in where the text leaves them out.
 */
export function parseUsageProfile(text: string, object: string): UsageProfile {
  const value = parseText(text, object);
  validator ??= Compile(UsageProfileSchema);
  if (!validator.Check(value)) throw invalid(object, firstProblem(validator, value));
  const profile = value as UsageProfile;
  checkQuantities(profile, object);
  return profile.preset === undefined ? profile : withPreset(profile, profile.preset);
}

function parseText(text: string, object: string): unknown {
  try {
    return parse(text) as unknown;
  } catch (error) {
    throw invalid(object, { field: '', problem: `not YAML or JSON: ${messageOf(error)}` });
  }
}

interface Problem {
  readonly field: string;
  readonly problem: string;
}

function firstProblem(check: Validator, value: unknown): Problem {
  const errors = check.Errors(value).filter((error) => error.message !== 'schema is false');
  const [first] = errors;
  if (first === undefined) return { field: '', problem: 'not a usage profile' };
  const params = first.params as { readonly additionalProperties?: readonly string[] };
  const unknown = params.additionalProperties?.join(', ');
  const field = first.instancePath.slice(1).replaceAll('/', '.');
  return { field, problem: unknown === undefined ? first.message : `has no field ${unknown}` };
}

function checkQuantities(profile: UsageProfile, object: string): void {
  const sections = [['', profile] as const, ...Object.entries(profile.containers ?? {})];
  for (const [name, { memory = {} }] of sections) {
    for (const field of ['base', 'perCore', 'growthPerHour', 'plateau'] as const) {
      const value = memory[field];
      if (value === undefined || tryParseQuantity(value) !== undefined) continue;
      const path = `${name === '' ? '' : `containers.${name}.`}memory.${field}`;
      throw invalid(object, { field: path, problem: `"${value}" is not a quantity` });
    }
  }
}

function withPreset(profile: UsageProfile, name: PresetName): UsageProfile {
  const preset = PRESETS[name];
  return {
    ...profile,
    cpu: { ...preset.cpu, ...profile.cpu },
    memory: { ...preset.memory, ...profile.memory },
    load: { ...preset.load, ...profile.load },
  };
}

function invalid(object: string, { field, problem }: Problem): KcError {
  const where = field === '' ? USAGE_ANNOTATION : `${USAGE_ANNOTATION}: ${field}`;
  return new KcError('KC_USAGE_PROFILE_INVALID', { object, field: where, problem });
}
