import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadSchemas } from '../schema/load-schemas.ts';
import type { SchemaNode } from '../schema/schema-node.ts';
import { readMessage } from './message.ts';

/** A writer for tests alone: the wire format's own rules, written down the other way round. */
function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
}

function field(number: number, bytes: readonly number[]): number[] {
  return [...varint(number * 8 + 2), ...varint(bytes.length), ...bytes];
}

function textField(number: number, text: string): number[] {
  return field(number, [...new TextEncoder().encode(text)]);
}

function flagField(number: number, value: boolean): number[] {
  return [...varint(number * 8), value ? 1 : 0];
}

const texts = fc.string({ unit: 'grapheme', minLength: 1 });

describe('protobuf', () => {
  let configMap: SchemaNode;
  beforeAll(async () => {
    configMap = (await loadSchemas()).definitions.node('io.k8s.api.core.v1.ConfigMap');
  });

  it('is read as the JSON that it means', () => {
    fc.assert(
      fc.property(texts, fc.dictionary(texts, texts), fc.boolean(), (name, data, immutable) => {
        fc.pre(!Object.hasOwn(data, '__proto__'));
        const message = [
          ...field(1, textField(1, name)),
          ...Object.entries(data).flatMap(([key, value]) =>
            field(2, [...textField(1, key), ...textField(2, value)]),
          ),
          ...flagField(4, immutable),
        ];
        const read = readMessage(configMap, Uint8Array.from(message));
        expect(read).toMatchObject({ metadata: { name }, immutable });
        expect(read['data'] ?? {}).toEqual(data);
      }),
    );
  });

  it('passes over fields that the kind does not have', () => {
    const message = [...field(99, [1, 2, 3]), ...field(1, textField(1, 'a'))];
    expect(readMessage(configMap, Uint8Array.from(message))).toMatchObject({ metadata: { name: 'a' } });
  });

  it('is refused where it breaks off', () => {
    const message = field(1, textField(1, 'a name'));
    for (let length = 1; length < message.length; length += 1) {
      expect(() => readMessage(configMap, Uint8Array.from(message.slice(0, length)))).toThrow();
    }
  });
});
