/**
 * `node tools/boot.mjs bench/relevance.ts CACHE [--every N]`: the judged questions of `relevance/questions.tsv`, put to a built node
 * through its API, to Recoll and to FTS5 over plain texts, all over the same documents of Debian packages. CACHE keeps the packages.
 * Debian's recollcmd, poppler-utils and tesseract-ocr must be installed. With --every, only each Nth question is asked, of the
 * documents that it needs: a trial, no figures to keep.
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { eventually, tempFolder } from '@allibrary/testing';
import { Seedbox } from '../test/support/seedbox.ts';
import { build } from '../tools/build.ts';
import { timed } from './measure.ts';
import { unpacked } from './reading/debian.ts';
import { Recoll } from './reading/recoll.ts';
import { fillCorpus } from './relevance/corpus.ts';
import { comparable, gradesOf, isShownBy, parseQuestions } from './relevance/judgements.ts';
import { RECOLL_READERS } from './relevance/packages.ts';
import { PlainIndex } from './relevance/plain-index.ts';
import { plainTextOf } from './relevance/plain-text.ts';
import { type Answered, kindTable, lostTable } from './relevance/report.ts';

const LIMIT_MS = 3_600_000;
const FOUND = 20;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { every: { type: 'string', default: '1' } },
});
const every = Number(values.every);
await build();
const folder = await tempFolder();
const cache = resolve(positionals[0] ?? join(folder.path, 'cache'));
const library = join(folder.path, 'library');
mkdirSync(library);

try {
  const all = await fillCorpus(cache, library);
  const file = join(import.meta.dirname, 'relevance/questions.tsv');
  const questions = parseQuestions(readFileSync(file, 'utf8')).filter((_, at) => at % every === 0);
  const unknown = questions.flatMap(({ answers }) => answers).filter((name) => !all.includes(name));
  if (unknown.length > 0) throw new Error(`the corpus lacks answers: ${unknown.join(', ')}`);
  const names = every === 1 ? all : only(new Set(questions.flatMap(({ answers }) => answers)), all);
  const plain = new Map(names.map((name) => [name, plainTextOf(join(library, name))]));
  const compared = new Map([...plain].map(([name, text]) => [name, comparable(text)]));
  const asked = questions
    .map((question) => ({ question, grades: gradesOf(question, compared) }))
    .filter(({ grades }) => grades.size > 0);
  const wrong = asked.filter(({ question }) => !isShownBy(question, compared)).map(({ question }) => question.text);
  if (wrong.length > 0) throw new Error(`no answer holds the passage of: ${wrong.join(', ')}`);
  console.log(
    `${names.length} documents, ${asked.length} questions; ${cpus().length} × ${cpus()[0]?.model.trim()}, ` +
      `load ${loadavg()[0]?.toFixed(1)}, ${new Date().toISOString().slice(0, 10)}\n`,
  );
  const texts = asked.map(({ question }) => question.text);
  const found = {
    ours: await answersOfNode(texts, names.length),
    Recoll: await answersOfRecoll(texts),
    ...answersOfPlainIndex(plain, texts),
  };
  const answered: Answered[] = asked.map((each, at) => ({
    ...each,
    found: Object.fromEntries(Object.entries(found).map(([engine, lists]) => [engine, lists[at] ?? []])),
  }));
  console.log(kindTable(answered));
  console.log(lostTable(answered));
} finally {
  await folder.remove();
}

/** Leaves only these documents in the library. */
function only(kept: ReadonlySet<string>, names: readonly string[]): string[] {
  for (const name of names) if (!kept.has(name)) rmSync(join(library, name));
  return names.filter((name) => kept.has(name));
}

async function answersOfNode(texts: readonly string[], documents: number): Promise<string[][]> {
  const environment = { ALLIBRARY_OCR: 'true' };
  const seedbox = await Seedbox.start({ environment, folder: { path: folder.path, remove: async () => {} } });
  try {
    const { seconds } = await timed(async () => {
      const metric = (name: string): Promise<number> => seedbox.metric('indexer', name);
      const isDone = async (): Promise<boolean> =>
        (await metric('allibrary_index_documents')) >= documents && (await metric('allibrary_ocr_pages_left')) === 0;
      await eventually(isDone, { timeoutMs: LIMIT_MS });
    });
    console.log(`ours: indexed with OCR in ${seconds.toFixed(0)} s`);
    const lists: string[][] = [];
    for (const q of texts) {
      const question = new URLSearchParams({ q, scope: 'local', limit: String(FOUND) });
      const { results } = await seedbox.call<{ results: { name: string }[] }>('GET', `search?${question}`);
      lists.push(results.map(({ name }) => name));
    }
    return lists;
  } finally {
    await seedbox.stop();
  }
}

async function answersOfRecoll(texts: readonly string[]): Promise<string[][]> {
  const readers = join(unpacked(cache, RECOLL_READERS), 'usr/lib/python3/dist-packages');
  const recoll = new Recoll(join(folder.path, 'recoll'), library, {
    settings: 'pdfocr = 1\nocrprogs = tesseract\ntesseractlang = eng\n',
    environment: { PYTHONPATH: readers },
  });
  const { seconds } = await recoll.index();
  console.log(`Recoll: indexed with OCR in ${seconds.toFixed(0)} s`);
  return texts.map((text) => [...new Set(recoll.search(text))].slice(0, FOUND));
}

function answersOfPlainIndex(plain: ReadonlyMap<string, string>, texts: readonly string[]): Record<string, string[][]> {
  const index = new PlainIndex(plain);
  const answers = (operator: 'AND' | 'OR'): string[][] => texts.map((text) => index.search(text, FOUND, operator));
  const both = { 'FTS5, all words': answers('AND'), 'FTS5, any word': answers('OR') };
  index.close();
  return both;
}
