/** Reads JSON bodies strictly: UTF-8, no duplicate prototypes; an empty body asks for the defaults. */
import type { FastifyInstance } from 'fastify';
import { KcError, messageOf } from '#errors/kc-error.ts';

/** What a prototype could be polluted with, in any spelling that JSON allows. */
const POISON = /"(?:_|\\u005[fF]){2}proto(?:_|\\u005[fF]){2}"\s*:/;

export function readJsonBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      done(null, parseJson(body as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });
}

function parseJson(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  const text = decode(body);
  if (text.trim() === '') return undefined;
  if (POISON.test(text)) throw malformed('the body has a field __proto__');
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw malformed(`the body is not JSON: ${messageOf(error).slice(0, 120)}`);
  }
}

function decode(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch {
    throw malformed('the body is not UTF-8');
  }
}

function malformed(problem: string): KcError {
  return new KcError('KC_REQUEST_MALFORMED', { problem });
}
