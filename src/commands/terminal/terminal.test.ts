import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseFlags, defineFlags } from '../cli/flags.ts';
import { formatCsv } from './output.ts';
import { displayWidth, formatTable } from './table.ts';

describe('a table', () => {
  it('aligns columns, numbers to the right, without trailing space', () => {
    const columns = [{ title: 'NAME' }, { title: 'SAVES', align: 'right' as const }];
    expect(formatTable(columns, [['web', '12.00'], ['a-longer-name', '3.50']], false)).toBe(
      ['NAME           SAVES', 'web            12.00', 'a-longer-name   3.50'].join('\n'),
    ); // prettier-ignore
  });

  it('gives Korean text the two columns a character takes', () => {
    expect(displayWidth('한글 ok')).toBe(7);
    const lines = formatTable(
      [{ title: 'A' }, { title: 'B' }],
      [
        ['한글', 'x'],
        ['ab', 'y'],
      ],
      false,
    ).split('\n');
    expect(lines.slice(1)).toEqual(['한글  x', 'ab    y']);
  });

  it('writes styles only where colour is wanted', () => {
    const rows = [[{ text: 'bad', style: 'red' as const }]];
    expect(formatTable([{ title: 'X' }], rows, false)).not.toContain('\u001b');
    expect(formatTable([{ title: 'X' }], rows, true)).toContain('\u001b[31mbad');
  });
});

describe('CSV', () => {
  it('leaves unknown cells empty and quotes what needs it', () => {
    expect(formatCsv([{ name: 'a,b', saves: 1 }, { name: 'say "hi"', saves: undefined }])).toBe(
      'name,saves\r\n"a,b",1\r\n"say ""hi""",\r\n',
    ); // prettier-ignore
  });

  it('never lets a cell become a formula', () => {
    const lead = fc.constantFrom('=', '+', '@', '-');
    fc.assert(
      fc.property(lead, fc.string({ minLength: 1 }), (first, rest) => {
        const cell = formatCsv([{ x: first + rest }]).slice('x\r\n'.length);
        const harmless = Number.isFinite(Number(first + rest)) && first === '-';
        expect(/^"?'/.test(cell) || harmless).toBe(true);
      }),
    );
  });
});

describe('flags', () => {
  const flags = defineFlags({
    port: { type: 'number', default: 8080, min: 1, max: 65535, env: ['PROMETHEUS_PORT'], describe: 'port' },
    output: { type: 'text', default: 'table', choices: ['table', 'json'], short: 'o', describe: 'format' },
    header: { type: 'list', describe: 'headers' },
    once: { type: 'switch', describe: 'once' },
    name: { type: 'text', describe: 'name' },
  });

  it('come from the command line, then the environment, then the default', () => {
    expect(parseFlags(flags, [], {}).values).toEqual({ port: 8080, output: 'table', header: [], once: false, name: undefined }); // prettier-ignore
    expect(parseFlags(flags, [], { PROMETHEUS_PORT: '9' }).values.port).toBe(9);
    expect(parseFlags(flags, ['--port', '7', '-o', 'json', '--once'], { PROMETHEUS_PORT: '9' }).values).toMatchObject({ port: 7, output: 'json', once: true }); // prettier-ignore
  });

  it.each([
    [['--port', '0'], {}, '--port'],
    [[], { PROMETHEUS_PORT: 'x' }, 'PROMETHEUS_PORT'],
    [['-o', 'xml'], {}, 'xml'],
    [['--unknown'], {}, 'unknown'],
  ])('refuse %j with %j, naming what is wrong', (args, env, name) => {
    expect(() => parseFlags(flags, args, env)).toThrow(new RegExp(name));
  });
});
