/** Finds fields that a JSON text names twice, which JSON.parse passes over in silence. */

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]/g;

const OPENING = new Set(['{', '[']);
const CLOSING = new Set(['}', ']']);

interface Level {
  readonly path: string;
  /** The names so far; undefined in a list. */
  readonly names: Set<string> | undefined;
  /** The field or the index that comes next. */
  next: string;
  index: number;
}

/** The paths of fields that are named again, such as `spec.containers[0].name`; the text is valid JSON. */
export function duplicateFields(text: string): readonly string[] {
  const found = new Set<string>();
  const levels: Level[] = [];
  let before = '';
  for (const [token] of text.matchAll(TOKEN)) {
    const level = levels.at(-1);
    if (OPENING.has(token)) levels.push(levelBelow(level, token === '{'));
    else if (CLOSING.has(token)) levels.pop();
    else if (level !== undefined) read(level, { token, before, found });
    before = token;
  }
  return [...found];
}

interface Reading {
  readonly token: string;
  readonly before: string;
  readonly found: Set<string>;
}

/** A text that follows a brace or a comma in an object is a name. */
function read(level: Level, { token, before, found }: Reading): void {
  if (token === ',') level.index += 1;
  const isName = level.names !== undefined && (before === '{' || before === ',');
  if (isName && token.startsWith('"')) note(level, token, found);
}

function levelBelow(parent: Level | undefined, isObject: boolean): Level {
  const path = parent === undefined ? '' : pathIn(parent);
  return { path, names: isObject ? new Set() : undefined, next: '', index: 0 };
}

function pathIn({ path, names, next, index }: Level): string {
  if (names === undefined) return `${path}[${index}]`;
  return path === '' ? next : `${path}.${next}`;
}

function note(level: Level, token: string, found: Set<string>): void {
  level.next = String(JSON.parse(token));
  if (level.names?.has(level.next) === true) found.add(pathIn(level));
  level.names?.add(level.next);
}
