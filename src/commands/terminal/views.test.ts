import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitLine, fitText, withoutStyles } from './fit.ts';
import { frame, LiveScreen } from './live-screen.ts';
import { condensed, progressBar, sparkline } from './sparkline.ts';
import { displayWidth } from './table.ts';

const RED = '\u001b[31m';
const PLAIN = '\u001b[39m';

describe('a line that is fitted', () => {
  it('is never wider than it may be, whatever it holds', () => {
    const part = fc.oneof(fc.string(), fc.constantFrom(RED, PLAIN, '한글', '…'));
    fc.assert(
      fc.property(fc.array(part), fc.integer({ min: 1, max: 40 }), (parts, columns) => {
        expect(displayWidth(withoutStyles(fitLine(parts.join(''), columns)))).toBeLessThanOrEqual(columns);
      }),
    );
  });

  it('stays as it is where it fits, styles and all', () => {
    expect(fitLine(`${RED}red${PLAIN} rest`, 8)).toBe(`${RED}red${PLAIN} rest`);
  });

  it('ends in an ellipsis, with its style closed', () => {
    expect(fitLine(`a ${RED}long word${PLAIN} and more`, 8)).toBe(`a ${RED}long …\u001b[0m`);
    expect(fitText('short\nmuch too long', 6)).toBe('short\nmuch …');
  });

  it('does not cut a wide character in two', () => {
    expect(fitLine('한글한글', 6)).toBe('한글…');
  });
});

describe('a sparkline', () => {
  it('reaches from zero to the highest value, and shows the unknown as a gap', () => {
    expect(sparkline([0, 4, 8, Number.NaN, 8], 10)).toBe('▁▅█ █');
  });

  it('keeps to a ceiling that is given', () => {
    expect(sparkline([4, 16], 10, 8)).toBe('▅█');
  });

  it('shows the newest values', () => {
    expect(sparkline([8, 8, 1], 1)).toBe('█');
    expect(sparkline([], 5)).toBe('');
  });

  it('condenses a long past, and keeps the newest value', () => {
    const values = Array.from({ length: 1000 }, (_, index) => index);
    const few = condensed(values, 10);
    expect(few).toHaveLength(10);
    expect(few.at(-1)).toBe(999);
    expect([...few].sort((a, b) => a - b)).toEqual(few);
    expect(condensed([1, 2], 10)).toEqual([1, 2]);
  });
});

describe('a progress bar', () => {
  it('is always as wide as it was asked to be', () => {
    fc.assert(
      fc.property(fc.double({ min: -1, max: 2, noNaN: true }), fc.nat({ max: 60 }), (share, width) => {
        expect(progressBar(share, width)).toHaveLength(width);
      }),
    );
    expect(progressBar(0.5, 4)).toBe('━━──');
  });
});

describe('a live screen', () => {
  it('draws no more than fits, over what stood there', () => {
    const text = frame(['a long line', 'b', 'c'], { columns: 6, rows: 2 });
    expect(text).toBe('\u001b[?2026h\u001b[Ha lon…\u001b[K\r\nb\u001b[K\u001b[J\u001b[?2026l');
  });

  it('gives the terminal back once, and draws nothing after that', () => {
    const written: string[] = [];
    const live = new LiveScreen({ columns: 10, rows: 5, write: (text) => void written.push(text) });
    live.draw(['x']);
    live[Symbol.dispose]();
    live[Symbol.dispose]();
    live.draw(['y']);
    expect(written).toHaveLength(3);
    expect(written[0]).toContain('\u001b[?25l');
    expect(written[2]).toBe('\u001b[?25h\u001b[?1049l');
  });
});
