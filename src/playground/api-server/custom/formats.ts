/** The formats of texts in custom resources. Formats that nobody knows are not checked. */
import { isIPv4, isIPv6 } from 'node:net';
import { type FieldErrors, NO_ERRORS, typeInvalid } from '../validation/field-error.ts';
import type { CustomSchema } from './custom-schema.ts';

const DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/i;
const DURATION = /^-?(\d+(\.\d+)?(ns|us|µs|ms|s|m|h|d|w|\s*(seconds?|minutes?|hours?|days?|weeks?)))+$/;
const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const EMAIL = /^[^\s@]+@[^\s@]+$/;
const HOSTNAME =
  /^[a-zA-Z0-9]([-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?(\.[a-zA-Z0-9]([-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?)*$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const CHECKS: Readonly<Record<string, (text: string) => boolean>> = {
  'date-time': (text) => DATE_TIME.test(text) && !Number.isNaN(Date.parse(text)),
  date: (text) => /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)),
  duration: (text) => DURATION.test(text),
  uuid: (text) => UUID.test(text),
  email: (text) => EMAIL.test(text),
  hostname: (text) => HOSTNAME.test(text),
  ipv4: isIPv4,
  ipv6: isIPv6,
  uri: (text) => URL.canParse(text) || text.startsWith('/'),
  byte: (text) => BASE64.test(text),
  cidr: (text) => {
    const [address = '', bits = ''] = text.split('/');
    const max = isIPv4(address) ? 32 : isIPv6(address) ? 128 : -1;
    return /^\d{1,3}$/.test(bits) && Number(bits) <= max;
  },
};

export function formatError(schema: CustomSchema, value: string, field: string): FieldErrors {
  const { format } = schema;
  if (format === undefined || CHECKS[format]?.(value) !== false) return NO_ERRORS;
  return [typeInvalid(field, value, `${field} in body must be of type ${format}: ${JSON.stringify(value)}`)];
}
