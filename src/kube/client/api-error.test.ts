import { describe, expect, it } from 'vitest';
import { ApiError, isDenied, isForbidden } from './api-error.ts';

function refusal(status: number, message: string): ApiError {
  const body = JSON.stringify({ kind: 'Status', apiVersion: 'v1', reason: 'Forbidden', message });
  return new ApiError('patch pods shop/web', { status, body, headers: {} });
}

describe('an answer of 403', () => {
  it.each([
    'pods "web" is forbidden: node didn\'t have enough allocatable resources: cpu, requested: 500, allocatable: 0',
    'pods "web" is forbidden: exceeded quota: team, requested: requests.cpu=2, used: requests.cpu=9, limited: requests.cpu=10',
  ])('is a denial by admission: %s', (message) => {
    expect(isDenied(refusal(403, message))).toBe(true);
  });

  it('is no denial where rights are missing', () => {
    const message =
      'pods "web" is forbidden: User "system:serviceaccount:a:b" cannot patch resource "pods/resize" in API group "" in the namespace "shop"';
    expect(isForbidden(refusal(403, message))).toBe(true);
    expect(isDenied(refusal(403, message))).toBe(false);
  });

  it('is all that can be one', () => {
    expect([isDenied(refusal(422, 'x')), isDenied(new Error('403')), isDenied(undefined)]).toEqual([
      false,
      false,
      false,
    ]);
  });
});
