import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isKcError } from '#errors/kc-error.ts';
import { SeededRandom, systemRandom } from '#platform/random.ts';
import { type KeyRing, Sealer } from './sealer.ts';

const ring: KeyRing = { current: 'b', keys: { a: Buffer.alloc(32, 1), b: Buffer.alloc(32, 2) } };
const sealer = new Sealer(ring, systemRandom);

function refused(open: () => string): boolean {
  try {
    open();
    return false;
  } catch (error) {
    return isKcError(error, 'KC_ROLLBACK_STATE_UNREADABLE');
  }
}

describe('a sealed text', () => {
  it('opens to what was sealed, whatever it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (text, place) => {
        const whole = text.toWellFormed();
        expect(sealer.open(sealer.seal(whole, place), place)).toBe(whole);
      }),
    );
  });

  it('shows nothing of its content', () => {
    expect(sealer.seal('containers/app/requests/cpu', 'shop/web')).not.toContain('cpu');
  });

  it('cannot be changed in any character', () => {
    const sealed = sealer.seal('{"replicas":5}', 'shop/web');
    fc.assert(
      fc.property(fc.integer({ min: 0, max: sealed.length - 1 }), (at) => {
        const other = sealed[at] === 'A' ? 'Q' : 'A';
        const changed = sealed.slice(0, at) + other + sealed.slice(at + 1);
        // The last base64 character carries spare bits: a change there may not change the bytes.
        const same = Buffer.from(changed.split('.')[2] ?? '', 'base64url').equals(
          Buffer.from(sealed.split('.')[2] ?? '', 'base64url'),
        );
        expect(refused(() => sealer.open(changed, 'shop/web'))).toBe(!same || at < 6);
      }),
    );
  });

  it('cannot be moved to another workload', () => {
    const sealed = sealer.seal('{}', 'shop/web');
    expect(refused(() => sealer.open(sealed, 'shop/api'))).toBe(true);
  });

  it('opens with the key it names after the current key was rotated', () => {
    const old = new Sealer({ ...ring, current: 'a' }, systemRandom).seal('old', 'p');
    expect(sealer.open(old, 'p')).toBe('old');
    const lost = new Sealer({ current: 'b', keys: { b: Buffer.alloc(32, 2) } }, systemRandom);
    expect(refused(() => lost.open(old, 'p'))).toBe(true);
  });

  it('is never the same twice', () => {
    const random = new SeededRandom(1);
    const seeded = new Sealer(ring, random);
    expect(seeded.seal('x', 'p')).not.toBe(seeded.seal('x', 'p'));
  });
});
