import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_PRICES } from '#domain/cost/resource-prices.ts';
import { isKcError } from '#errors/kc-error.ts';
import { SystemClock } from '#platform/clock.ts';
import { intensityAt } from '#domain/carbon/carbon-intensity.ts';
import { carbonIntensityOf } from './carbon-file.ts';
import { LivePrices } from './live-prices.ts';
import { parsePriceList } from './parse-price-list.ts';
import { PriceFile, PriceUrl } from './price-source.ts';

/** Moves when it is told to. */
class HandClock extends SystemClock {
  #nowMs = 0;

  override now(): number {
    return this.#nowMs;
  }

  advance(ms: number): void {
    this.#nowMs += ms;
  }
}

describe('a price list', () => {
  it.each([
    ['YAML', 'm6i.xlarge: 0.192\n"m6i.xlarge/spot@us-east-1a": 0.07\nnode/gpu-1: 3\n'],
    ['JSON', '{"m6i.xlarge": 0.192, "m6i.xlarge/spot@us-east-1a": 0.07, "node/gpu-1": 3}'],
    ['CSV', 'key,usd_per_hour\r\nm6i.xlarge,0.192\r\nm6i.xlarge/spot@us-east-1a,0.07\r\nnode/gpu-1,3\r\n'],
  ])('may be %s', (_, text) => {
    expect(parsePriceList(text, 'prices')).toEqual({
      'm6i.xlarge': 0.192,
      'm6i.xlarge/spot@us-east-1a': 0.07,
      'node/gpu-1': 3,
    });
  });

  it('may be the catalogue of a cloud, with spot prices by zone', () => {
    const text = [
      'InstanceType,vCPUs,MemoryGiB,AcceleratorName,Price,SpotPrice,Region,AvailabilityZone',
      'p5.48xlarge,192,2048,H100,55.04,25.75,us-east-1,us-east-1a',
      'p5.48xlarge,192,2048,H100,55.04,,us-east-1,us-east-1b',
      ',,,T4,0.35,0.11,us-east-1,us-east-1b',
    ].join('\n');
    expect(parsePriceList(text, 'prices')).toEqual({
      'p5.48xlarge@us-east-1a': 55.04,
      'p5.48xlarge/spot@us-east-1a': 25.75,
      'p5.48xlarge@us-east-1b': 55.04,
    });
  });

  it('may name regions where it has no zones', () => {
    const text = 'instance_type,region,az,on_demand_usd_h\np5,us-east-1,,55\np5,us-west-2,us-west-2a,57\n';
    expect(parsePriceList(text, 'prices')).toEqual({ 'p5@us-east-1': 55, 'p5@us-west-2a': 57 });
  });

  it.each([
    ['instance_type,usd_per_hour\na,1\na,1\na,2', /line 4: a has a second price/],
    ['m6i.xlarge: cheap', /the price of m6i\.xlarge is not a number/],
    ['m6i.xlarge: -1', /the price of m6i\.xlarge/],
    ['m6i.xlarge: .nan', /the price of m6i\.xlarge/],
    ['instance_type,usd_per_hour\na,1\nb,two', /line 3: usd_per_hour is not a number/],
    ['type,colour\na,red', /must name the columns/],
    ['', /no map/],
    ['{}', /no prices/],
    ['- a\n- b', /no map/],
    ['a: b: c', /Nested mappings/],
  ])('is refused as %j, naming the place', (text, message) => {
    try {
      parsePriceList(text, 'prices.yaml');
      expect.unreachable();
    } catch (error) {
      expect(isKcError(error, 'KC_PRICES_INVALID')).toBe(true);
      expect(String(error)).toMatch(message);
    }
  });
});

describe('prices from a file', () => {
  const directory = mkdtempSync(join(tmpdir(), 'kcloud-prices-'));
  const path = join(directory, 'prices.yaml');
  const clock = new HandClock();
  let edits = 0;

  function edit(text: string): void {
    writeFileSync(path, text);
    // Two edits within the resolution of a file system are told apart by their time here.
    utimesSync(path, ++edits, edits);
  }

  beforeEach(() => {
    edit('m5.large: 0.1');
  });
  afterAll(() => {
    rmSync(directory, { recursive: true });
  });

  const open = () => LivePrices.open({ base: DEFAULT_PRICES, source: new PriceFile(path), clock });

  it('follow the file', () => {
    const prices = open();
    expect(prices.nodes).toEqual({ 'm5.large': 0.1 });
    edit('m5.large: 0.2');
    expect(prices.nodes).toEqual({ 'm5.large': 0.1 });
    clock.advance(5000);
    expect(prices.nodes).toEqual({ 'm5.large': 0.2 });
  });

  it('stay the last good ones while the file is broken or gone, which is told', () => {
    const prices = open();
    edit('m5.large: cheap');
    clock.advance(5000);
    expect(prices.nodes).toEqual({ 'm5.large': 0.1 });
    expect(prices.status?.problem).toMatch(/m5\.large is not a number/);
    rmSync(path);
    clock.advance(5000);
    expect(prices.nodes).toEqual({ 'm5.large': 0.1 });
    expect(prices.status?.problem).toMatch(/ENOENT.*KC_PRICES_UNAVAILABLE/);
    edit('m5.large: 0.3');
    clock.advance(5000);
    expect(prices.nodes).toEqual({ 'm5.large': 0.3 });
    expect(prices.status).toMatchObject({ entries: 1, problem: undefined });
  });

  it('are refused at the start where there are none to fall back on', () => {
    edit('m5.large: cheap');
    expect(open).toThrow(/KC_PRICES_INVALID/);
    rmSync(path);
    expect(open).toThrow(/KC_PRICES_UNAVAILABLE/);
  });

  it('are the base rates alone without a list', () => {
    const prices = LivePrices.open({ base: DEFAULT_PRICES, clock });
    expect(prices.nodes).toEqual({});
    expect(prices.status).toBeUndefined();
  });
});

describe('carbon intensity as it is configured', () => {
  const directory = mkdtempSync(join(tmpdir(), 'kcloud-carbon-'));
  const path = join(directory, 'grid.csv');
  writeFileSync(path, 'time,carbon_intensity\n2026-06-01 09:00,400\n2026-06-01 10:00,500\n');
  afterAll(() => {
    rmSync(directory, { recursive: true });
  });

  it('is a number, a table, or the seed’s placeholder', () => {
    expect(carbonIntensityOf({})).toEqual({ origin: 'default', kgPerKwh: 1 });
    expect(carbonIntensityOf({ intensity: '0.42' })).toEqual({ origin: 'constant', kgPerKwh: 0.42 });
    const settings = { unit: 'gCO2/kWh', timeZone: 'Asia/Seoul' };
    for (const where of [{ intensity: path }, { table: path }]) {
      const table = carbonIntensityOf({ ...where, ...settings });
      expect(intensityAt(table, Date.parse('2026-06-01T00:30:00Z'))?.kgPerKwh).toBe(0.4);
    }
  });

  it.each([
    [{ intensity: '-1' }, /CARBON_INTENSITY: "-1"/],
    [{ intensity: '/nowhere' }, /neither a number nor a file/],
    [{ intensity: '1', table: '/nowhere' }, /cannot be set together/],
    [{ table: path, unit: 'lb' }, /CARBON_UNIT: "lb"/],
    [{ table: path }, /set CARBON_UNIT/],
  ])('is refused as %j', (settings, message) => {
    expect(() => carbonIntensityOf(settings)).toThrow(message);
  });
});

describe('prices from an address', () => {
  type Answer = (request: IncomingMessage, response: ServerResponse) => void;
  let server: Server;
  let answer: Answer;
  let asked: IncomingMessage['headers'][];
  const clock = new HandClock();

  beforeAll(async () => {
    server = createServer((request, response) => {
      asked.push(request.headers);
      answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  beforeEach(() => {
    asked = [];
  });
  afterEach(() => {
    server.closeAllConnections();
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  function open(): LivePrices {
    const { port } = server.address() as AddressInfo;
    const source = new PriceUrl(`http://127.0.0.1:${String(port)}/prices.yaml?key=secret`);
    return LivePrices.open({ base: DEFAULT_PRICES, source, clock });
  }

  it('are fetched once, and again only where they changed', async () => {
    answer = (request, response) => {
      const isKnown = request.headers['if-none-match'] === '"v1"';
      response.writeHead(isKnown ? 304 : 200, { etag: '"v1"' }).end(isKnown ? '' : 'm5.large: 0.1');
    };
    const prices = open();
    await prices.ready();
    await prices.refresh();
    expect(prices.nodes).toEqual({ 'm5.large': 0.1 });
    expect(asked.map((headers) => headers['if-none-match'])).toEqual([undefined, '"v1"']);
    expect(prices.status?.problem).toBeUndefined();
  });

  it('may move to another place', async () => {
    answer = ({ url }, response) => {
      if (url === '/new')
        response.writeHead(200, { 'last-modified': 'Sat, 21 Nov 2026 07:28:00 GMT' }).end('a: 1');
      else response.writeHead(302, { location: '/new' }).end();
    };
    const prices = open();
    await prices.ready();
    await prices.refresh();
    expect(prices.nodes).toEqual({ a: 1 });
    expect(asked.at(-1)?.['if-modified-since']).toBe('Sat, 21 Nov 2026 07:28:00 GMT');
  });

  it('stay the last good ones while it answers garbage, and its secrets are in no message', async () => {
    answer = (_, response) => response.writeHead(200).end('a: 1');
    const prices = open();
    await prices.ready();
    for (const [status, body, message] of [
      [500, '', /status 500/],
      [200, '<html>', /no map/],
      [302, '', /status 302/],
    ] as const) {
      answer = (_, response) => response.writeHead(status).end(body);
      await prices.refresh();
      expect(prices.nodes).toEqual({ a: 1 });
      expect(prices.status?.problem).toMatch(message);
      expect(JSON.stringify(prices.status)).not.toContain('secret');
    }
  });

  it('are said to be unavailable where nobody ever answered', async () => {
    answer = (request) => request.socket.destroy();
    await expect(open().ready()).rejects.toThrow(/KC_PRICES_UNAVAILABLE/);
    expect(() => new PriceUrl('ftp://prices')).toThrow(/KC_CONFIG_INVALID/);
  });
});
