/** TokenReview: whom does a token prove? */
import { ISSUER, type ServiceAccountTokens } from '../access/service-account-tokens.ts';
import { type JsonObject, asList, asText } from '../json/json.ts';
import { badRequest } from '../wire/status-error.ts';

export function reviewToken(tokens: ServiceAccountTokens, spec: JsonObject): JsonObject {
  const token = asText(spec['token']);
  if (token === '') throw badRequest('token is required for TokenReview in authentication');
  const asked = asList(spec['audiences']).map(asText);
  const wanted = asked.length === 0 ? [ISSUER] : asked;
  const proven = tokens.prove(token);
  const audiences = proven?.audiences.filter((audience) => wanted.includes(audience)) ?? [];
  if (proven === undefined || audiences.length === 0) return { user: {}, error: 'invalid bearer token' };
  return { authenticated: true, user: proven.user, audiences };
}
