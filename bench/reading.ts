/**
 * `node tools/boot.mjs bench/reading.ts CACHE [--only ours|recoll] [--every N]`: real documents of Debian's packages, from the
 * start of a built node to the last document found, beside `recollindex` on the same folder. CACHE keeps the packages. With
 * --every, some words of each Nth document are then searched for.
 */
import { mkdirSync, statSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { eventually, tempFolder } from '@allibrary/testing';
import { Covers } from '../apps/indexer/src/indexing/covers.ts';
import { Seedbox } from '../test/support/seedbox.ts';
import { build } from '../tools/build.ts';
import { timed } from './measure.ts';
import { fillLibrary } from './reading/corpus.ts';
import { threadTimes, timesOf } from './reading/processor-time.ts';
import { Recoll } from './reading/recoll.ts';
import { type Expected, sampleWords } from './reading/words.ts';

const LIMIT_MS = 1_200_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: 'string' }, every: { type: 'string', default: '0' } },
});
await build();
const folder = await tempFolder();
const library = join(folder.path, 'library');
mkdirSync(library);
const names = fillLibrary(resolve(positionals[0] ?? join(folder.path, 'cache')), library);
const counts = ['pdf', 'html', 'epub', 'txt'].map(
  (end) => `${names.filter((name) => name.endsWith(`.${end}`)).length} ${end}`,
);
const mebibytes = names.reduce((sum, name) => sum + statSync(join(library, name)).size, 0) / 1_048_576;
console.log(
  `${names.length} documents (${counts.join(', ')}), ${mebibytes.toFixed(0)} MiB; load ${loadavg()[0]?.toFixed(1)}`,
);
console.log('| what | seconds | CPU-s |\n| --- | --- | --- |');

try {
  const words = values.every === '0' ? [] : await sampleWords(library, names, Number(values.every));
  if (values.only !== 'ours') await benchRecoll(words);
  if (values.only !== 'recoll') await benchOurs(words);
} finally {
  await folder.remove();
}

async function benchRecoll(words: readonly Expected[]): Promise<void> {
  const recoll = new Recoll(join(folder.path, 'recoll'), library);
  const { seconds, cpuSeconds } = await recoll.index();
  row('recollindex', seconds, cpuSeconds);
  const found = words.filter(({ word, name }) => recoll.search(word).includes(name));
  if (words.length > 0) console.log(`recollq finds ${found.length} of ${words.length} words`);
}

async function benchOurs(words: readonly Expected[]): Promise<void> {
  const startedAt = performance.now();
  const since = (): number => (performance.now() - startedAt) / 1_000;
  const seedbox = await Seedbox.start({ folder: { path: folder.path, remove: async () => {} } });
  try {
    const readyAfter = since();
    await eventually(async () => (await seedbox.metric('indexer', 'allibrary_index_documents')) >= names.length, {
      timeoutMs: LIMIT_MS,
    });
    const { programs } = await seedbox.state();
    const seconds = since();
    const times = Object.entries(programs).map(([name, { pid }]) => ({ name, ...timesOf(pid) }));
    const used = sum(times.map(totalOf));
    row('ours, all found', seconds, used);
    row('until ready', readyAfter, Number.NaN);
    for (const { name, own, others } of times)
      row(`${name}: itself; its children ${others.toFixed(1)}`, Number.NaN, own);
    console.log(`busiest threads of the indexer: ${threadTimes(programs['indexer']?.pid ?? 0).join(', ')} CPU-s`);
    await compareWords(words, async (word) => {
      const question = new URLSearchParams({ q: word, scope: 'local', limit: '100' });
      const { results } = await seedbox.call<{ results: { name: string }[] }>('GET', `search?${question}`);
      return results.map(({ name }) => name);
    });
    const { seconds: more } = await timed(() => untilCoversAreDrawn(seedbox.data));
    const after = sum(Object.values(programs).map(({ pid }) => totalOf(timesOf(pid))));
    row('afterwards, covers', more, after - used);
  } finally {
    await seedbox.stop();
  }
}

async function compareWords(words: readonly Expected[], search: (word: string) => Promise<string[]>): Promise<void> {
  const missing: Expected[] = [];
  for (const each of words) if (!(await search(each.word)).includes(each.name)) missing.push(each);
  if (words.length > 0) console.log(`ours finds ${words.length - missing.length} of ${words.length} words`);
  for (const { word, name } of missing.slice(0, 20)) console.log(`missing: ${word} in ${name}`);
}

/** Waits until the indexer expects no cover any more. */
async function untilCoversAreDrawn(data: string): Promise<void> {
  const covers = new Covers(join(data, 'indexer', 'covers'));
  await eventually(async () => (await covers.expected()).length === 0, { timeoutMs: LIMIT_MS });
}

function row(what: string, seconds: number, cpu: number): void {
  const text = (figure: number): string => (Number.isNaN(figure) ? '' : figure.toFixed(1));
  console.log(`| ${what} | ${text(seconds)} | ${text(cpu)} |`);
}

const totalOf = ({ own, others }: ReturnType<typeof timesOf>): number => own + others;

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
