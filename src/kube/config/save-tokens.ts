/** Writes renewed OIDC tokens back into a kubeconfig, leaving everything else in it as it is, comments too. */
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { type Document, isMap, isSeq, parseDocument } from 'yaml';
import type { OidcTokens } from './oidc-credentials.ts';

/** Replaces the tokens of `user` in `file`, at once and whole. Does nothing where the user is not there any more. */
export function saveTokens(file: string, user: string, tokens: OidcTokens): void {
  const document = parseDocument(readFileSync(file, 'utf8'));
  const index = userIndex(document, user);
  if (index < 0) return;
  const config = ['users', index, 'user', 'auth-provider', 'config'];
  document.setIn([...config, 'id-token'], tokens.idToken);
  if (tokens.refreshToken !== undefined) document.setIn([...config, 'refresh-token'], tokens.refreshToken);
  const temporary = `${file}.${String(process.pid)}.tmp`;
  writeFileSync(temporary, document.toString(), { mode: statSync(file).mode & 0o777 });
  renameSync(temporary, file);
}

function userIndex(document: Document, user: string): number {
  const users = document.get('users');
  if (!isSeq(users)) return -1;
  return users.items.findIndex((item) => isMap(item) && item.get('name') === user);
}
