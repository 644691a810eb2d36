import { describe, expect, it } from 'vitest';
import { Channel } from './channel.ts';

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

describe('Channel', () => {
  it('delivers what was pushed before and after the reader came, then ends', async () => {
    const channel = new Channel<number>();
    channel.push(1);
    const read = collect(channel);
    await Promise.resolve();
    channel.push(2);
    channel.push(3);
    channel.end();
    channel.push(4);
    expect(await read).toEqual([1, 2, 3]);
  });

  it('throws its failure only after what came before it', async () => {
    const channel = new Channel<number>();
    channel.push(1);
    channel.fail(new Error('broken'));
    const seen: number[] = [];
    await expect(
      (async () => {
        for await (const item of channel) seen.push(item);
      })(),
    ).rejects.toThrow('broken');
    expect(seen).toEqual([1]);
  });

  it('throws at a reader that already waits', async () => {
    const channel = new Channel<number>();
    const read = channel.next();
    channel.fail(new Error('broken'));
    await expect(read).rejects.toThrow('broken');
    expect(await channel.next()).toEqual({ value: undefined, done: true });
  });

  it('tells the writer that the reader stopped', async () => {
    let stopped = false;
    const channel = new Channel<number>(() => { stopped = true; }); // prettier-ignore
    channel.push(1);
    for await (const item of channel) if (item === 1) break;
    expect(stopped).toBe(true);
    expect(await channel.next()).toEqual({ value: undefined, done: true });
  });
});
