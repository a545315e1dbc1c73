/**
 * `node tools/boot.mjs bench/search.ts [documents] [books] [engines,…]`: the embedded index beside MiniSearch and Orama, each in a process
 * of its own, on the same documents and questions. 50,000 documents of 300 words and 50 books of 50,000 take some minutes.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { EngineFigures } from './search/worker.ts';

const run = promisify(execFile);
const LIMIT_MS = 3_600_000;
/** Ours runs as the supervisor starts it; the others keep everything in memory. */
const NODE_ARGS: Readonly<Record<string, string>> = { FTS5: '--max-semi-space-size=2' };
const ROOMY = '--max-old-space-size=8192';

const [documents = '50000', books = '50', names = 'FTS5,MiniSearch,Orama'] = process.argv.slice(2);
const figures = new Map<string, EngineFigures>();
for (const name of names.split(',')) {
  const worker = join(import.meta.dirname, 'search/worker.ts');
  const args = [NODE_ARGS[name] ?? ROOMY, worker, name, documents, books];
  const { stdout } = await run(process.execPath, args, { timeout: LIMIT_MS, maxBuffer: 1_048_576 });
  figures.set(name, JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as EngineFigures);
}

const kinds = [...new Set([...figures.values()].flatMap(({ questions }) => Object.keys(questions)))];
const engines = [...figures.keys()];
console.log(`| ${[`${documents} documents, ${books} books`, ...engines].join(' | ')} |`);
console.log(`| --- ${'| --- '.repeat(engines.length)}|`);
row('indexing, s', ({ indexSeconds }) => indexSeconds);
row('disk, MiB', ({ diskMiB }) => diskMiB);
row('resident, MiB', ({ residentMiB }) => residentMiB);
for (const kind of kinds) {
  row(`${kind}, p50, ms`, ({ questions }) => questions[kind]?.p50);
  row(`${kind}, p99, ms`, ({ questions }) => questions[kind]?.p99);
  row(`${kind}, p50, ms of CPU`, ({ questions }) => questions[kind]?.cpu.p50);
  row(`${kind}, p99, ms of CPU`, ({ questions }) => questions[kind]?.cpu.p99);
}
row('mistyped words found, %', ({ typoRecall }) => typoRecall * 100);
row('hits', ({ hits }) => hits);
row('hits without a passage', ({ hitsWithoutPassage }) => hitsWithoutPassage);

function row(label: string, figure: (figures: EngineFigures) => number | undefined): void {
  const cells = [...figures.values()].map((each) => rounded(figure(each)));
  console.log(`| ${[label, ...cells].join(' | ')} |`);
}

function rounded(figure: number | undefined): string {
  if (figure === undefined) return '–';
  return figure >= 1_000 ? figure.toFixed(0) : figure.toPrecision(3);
}
