/**
 * What an operator watches. Real: two built nodes with all their services, Debian's Prometheus, promtool and node-exporter,
 * our configuration, rules and dashboards. Stand-in: addresses where Docker's DNS would answer names. Grafana is not here:
 * its panels' queries are asked of Prometheus itself.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { eventually } from '@allibrary/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { dashboards } from '../tools/dashboards.ts';
import { CONFIGURATION, Prometheus, findMonitoringPrograms, run } from './support/prometheus.ts';
import { Seedbox } from './support/seedbox.ts';

const ROOT = resolve(import.meta.dirname, '..');
const ALERTS = join(ROOT, 'deploy/prometheus/rules/alerts.yml');
const ALERT_TESTS = globSync(join(ROOT, 'test/monitoring/*.test.yml'));
const SERVICES = ['gateway', 'indexer', 'p2p-node', 'transfer', 'watcher'];

/** Labels that a metric may have: none can hold an id, a path, a peer, a query or a user. */
const LABELS = new Set(
  'service subject outcome le direction state reason mode kind result stream route method status format folder scope offence donor protocol'.split(
    ' ',
  ),
);

const NO_CHECK_YET = 'the DHT is not asked for our documents in the first minutes';

/** Queries that rightly have no answer on a node that has just begun, and why. */
const WITHOUT_DATA: Readonly<Record<string, string>> = {
  'allibrary:findable_documents:ratio': NO_CHECK_YET,
  'time() - max(allibrary_last_dht_check_timestamp_seconds > 0)': NO_CHECK_YET,
  'allibrary_http_requests_total{status="5xx"}': 'no request has failed by our fault',
};

const programs = await findMonitoringPrograms();

interface AlertRule {
  readonly alert: string;
  readonly annotations: { readonly runbook: string };
}

const alerts = (parse(readFileSync(ALERTS, 'utf8')) as { groups: { rules: AlertRule[] }[] }).groups.flatMap(
  ({ rules }) => rules,
);

test('every alert has a test, and a runbook that is there', () => {
  const tested = ALERT_TESTS.map((file) => readFileSync(file, 'utf8')).join('');
  const headings = readFileSync(join(ROOT, 'docs/OPERATIONS.md'), 'utf8').matchAll(/^#+ (.+)$/gm);
  const anchors = new Set([...headings].map(([, heading = '']) => `docs/OPERATIONS.md#${heading.toLowerCase()}`));
  expect(alerts.length).toBeGreaterThan(0);
  expect(alerts.map(({ annotations }) => annotations.runbook).filter((runbook) => !anchors.has(runbook))).toEqual([]);
  expect(alerts.map(({ alert }) => alert).filter((alert) => !tested.includes(`alertname: ${alert}\n`))).toEqual([]);
});

describe.skipIf(!programs)('with Prometheus', () => {
  const { promtool } = programs ?? { promtool: '' };
  let donor: Seedbox;
  let node: Seedbox;
  let prometheus: Prometheus;
  let addresses: Record<string, string>;

  beforeAll(async () => {
    if (!programs) return;
    donor = await Seedbox.start({
      fill: async (library) => {
        for (let index = 0; index < 5; index++) {
          await writeFile(join(library, `map-${index}.txt`), `A map of the coast, sheet ${index}. `.repeat(1_000));
        }
      },
    });
    node = await Seedbox.start({
      bootstrap: [await donor.address()],
      fill: (library) => writeFile(join(library, 'own.txt'), 'A map of our own'),
    });
    const { programs: running } = await node.state();
    addresses = Object.fromEntries(SERVICES.map((name) => [name, new URL(running[name]?.httpUrl ?? '').host]));
    prometheus = await Prometheus.start(
      programs,
      Object.fromEntries(Object.entries(addresses).map(([name, address]) => [name, [address]])),
    );
    await prometheus.scrapes(2);
    await node.meets(1);
    const wanted = await donor.documentOf('map-1.txt');
    await node.documentOf('own.txt');
    await eventually(async () => (await node.search('coast')).results.length > 0, { timeoutMs: 60_000 });
    await node.completed((await node.download(wanted.documentId)).id);
    await prometheus.scrapes(2);
    await node.search('map'); // a counter that is first seen at 1 has not grown: one more
    await prometheus.scrapes(2);
  });

  afterAll(async () => {
    await prometheus?.stop();
    await Promise.all([node?.stop(), donor?.stop()]);
  });

  test('promtool finds nothing wrong in the configuration and the rules, and each alert fires when it should', async () => {
    await expect(run(promtool, ['check', 'config', CONFIGURATION])).resolves.toMatchObject({
      stdout: expect.stringContaining('SUCCESS') as string,
    });
    await expect(run(promtool, ['test', 'rules', ...ALERT_TESTS])).resolves.toMatchObject({
      stdout: expect.stringContaining('SUCCESS') as string,
    });
  });

  test.for(SERVICES)('the metrics of %s follow Prometheus’ conventions and ours', async (service) => {
    const text = await (await fetch(`http://${addresses[service]}/metrics`)).text();
    const check = spawn(promtool, ['check', 'metrics'], { stdio: ['pipe', 'ignore', 'pipe'] });
    let problems = '';
    check.stderr.on('data', (chunk: Buffer) => {
      problems += chunk.toString();
    });
    check.stdin.end(text);
    await once(check, 'close');
    expect(problems).toBe('');
    const ours = [...text.matchAll(/^(allibrary_\w+)(?:\{(.*)\})? /gm)];
    const labels = ours.flatMap(([, , list = '']) => [...list.matchAll(/(\w+)="/g)].map(([, label = '']) => label));
    expect(labels.filter((label) => !LABELS.has(label))).toEqual([]);
    expect(ours.map(([, name = '']) => name).filter((name) => !/^allibrary_[a-z]+(_[a-z]+)+$|s$/.test(name))).toEqual(
      [],
    );
  });

  test('every rule is evaluated, and whatever an alert looks at is there', async () => {
    const rules = await prometheus.rules();
    expect(rules.filter(({ health }) => health !== 'ok')).toEqual([]);
    const selectors = new Set(
      rules.flatMap(({ query }) => query.match(/\b(?:allibrary|process|nodejs|node|up)[\w:]*(?:\{[^}]*\})?/g) ?? []),
    );
    expect(await withoutData([...selectors])).toEqual([]);
  });

  test.for(dashboards)('every panel of the dashboard $title has data', async ({ rows }) => {
    const queries = rows.flatMap(({ panels }) => panels.flatMap(({ queries: asked }) => asked.map(({ expr }) => expr)));
    expect(queries.length).toBeGreaterThan(0);
    expect(await withoutData(queries)).toEqual([]);
  });

  test('nothing fires on a node that is well', async () => {
    const firing = await prometheus.query('ALERTS{alertstate="firing"}');
    expect(firing.map(({ metric }) => metric['alertname'])).toEqual([]);
  });

  async function withoutData(queries: readonly string[]): Promise<string[]> {
    const missing: string[] = [];
    for (const expr of queries) {
      if (!(expr in WITHOUT_DATA) && (await prometheus.query(expr)).length === 0) missing.push(expr);
    }
    return missing;
  }
});
