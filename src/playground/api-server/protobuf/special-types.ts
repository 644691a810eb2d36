/** Types that Kubernetes prints in their own way: what their protobuf messages hold, as JSON. */
import type { SchemaNode } from '../schema/schema-node.ts';
import { ProtobufError, type WireValue, bytesOf, readFields } from './wire-reader.ts';

const MS_PER_S = 1000;
const NS_PER_US = 1000;

/** Messages with raw JSON in their first field. */
const RAW = new Set(['RawExtension', 'FieldsV1', 'JSON']);

export function readSpecial(node: SchemaNode, message: Uint8Array): unknown {
  switch (node.kind) {
    case 'quantity':
    case 'amount':
      return textOf(message, 1);
    case 'intOrString':
      return readIntOrString(message);
    case 'time':
      return readTime(message, '');
    case 'microTime':
      return readTime(message, microsecondsOf(message));
    default:
      return readAny(node, message);
  }
}

function readAny(node: SchemaNode, message: Uint8Array): unknown {
  const type = node.definition.slice(node.definition.lastIndexOf('.') + 1);
  if (!RAW.has(type)) throw new ProtobufError(`${type || 'a value of any shape'} is understood as JSON only`);
  const text = textOf(message, 1);
  return text === '' ? null : (JSON.parse(text) as unknown);
}

function fieldOf(message: Uint8Array, number: number): WireValue | undefined {
  return readFields(message).findLast((field) => field.number === number)?.value;
}

function textOf(message: Uint8Array, number: number): string {
  const value = fieldOf(message, number);
  return value === undefined ? '' : Buffer.from(bytesOf(value)).toString('utf8');
}

function numberOf(message: Uint8Array, number: number): number {
  return Number(fieldOf(message, number) ?? 0);
}

/** Type 1 is text, 0 a number. */
function readIntOrString(message: Uint8Array): unknown {
  return numberOf(message, 1) === 1 ? textOf(message, 3) : numberOf(message, 2);
}

/** Seconds and nanoseconds; a message without either is Go's zero time, which JSON says as null. */
function readTime(message: Uint8Array, fraction: string): unknown {
  if (message.length === 0) return null;
  const [wholeSeconds] = new Date(numberOf(message, 1) * MS_PER_S).toISOString().split('.');
  return `${wholeSeconds ?? ''}${fraction}Z`;
}

function microsecondsOf(message: Uint8Array): string {
  const microseconds = Math.floor(numberOf(message, 2) / NS_PER_US);
  return `.${String(microseconds).padStart(6, '0')}`;
}
