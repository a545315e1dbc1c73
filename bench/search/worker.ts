/** One engine in a process of its own: indexes the corpus, asks it, and prints what it took as JSON. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { tempFolder } from '@allibrary/testing';
import { memory, timed } from '../measure.ts';
import { MEDIA_TYPES, corpusOf, markOf, randomOf, wordOf } from './corpus.ts';
import { ENGINES } from './engines.ts';

const QUERIES = 200;
const MIB = 1_048_576;

/** Milliseconds of a kind of question: the median, and what 99 of 100 stay below. */
export interface QuestionFigures {
  readonly p50: number;
  readonly p99: number;
  /** The same of the CPU time of all threads, which other programs on the machine disturb less. */
  readonly cpu: { readonly p50: number; readonly p99: number };
}

/** How long one question took. */
interface Took {
  readonly ms: number;
  readonly cpuMs: number;
}

/** What a worker prints. */
export interface EngineFigures {
  readonly indexSeconds: number;
  readonly diskMiB: number;
  readonly residentMiB: number;
  readonly questions: Readonly<Record<string, QuestionFigures>>;
  /** The share of mistyped words whose one document was among the first three. */
  readonly typoRecall: number;
  /** Number of documents that were found, and of those that were found without a passage to show. */
  readonly hits: number;
  readonly hitsWithoutPassage: number;
}

const [name = '', documents = '0', books = '0'] = process.argv.slice(2);
const engineOf = ENGINES[name];
if (!engineOf) throw new Error(`no engine is called ${name}`);
const folder = await tempFolder();
try {
  const engine = await engineOf(folder.path);
  const size = { documents: Number(documents), books: Number(books) };
  const { seconds: indexSeconds } = await timed(async () => {
    let number = 0;
    for (const document of corpusOf(size)) await engine.add(document, number++);
  });
  const random = randomOf(7);
  /** A word that some documents have, and many do not. */
  const word = () => wordOf(20 + Math.floor(random() ** 3 * 20_000));
  const phrases = samplePhrases(size.documents, random);
  const marks = Array.from({ length: QUERIES }, () => Math.floor(random() * size.documents));
  const kinds: Record<string, () => string> = {
    'one word': word,
    'two words': () => `${word()} ${word()}`,
    prefix: () => word().slice(0, 4),
    'a very frequent word': () => wordOf(Math.floor(random() * 10)),
    ...(engine.hasPhrases ? { phrase: () => `"${phrases[Math.floor(random() * phrases.length)]}"` } : {}),
    'a mistyped word': () => mistyped(markOf(marks[Math.floor(random() * QUERIES)] ?? 0)),
  };
  const counts = { hits: 0, hitsWithoutPassage: 0 };
  const search = async (text: string, mediaType?: string): Promise<void> => {
    const hits = await engine.search(text, mediaType);
    counts.hits += hits.length;
    counts.hitsWithoutPassage += hits.filter(({ snippet }) => snippet === null).length;
  };
  const took = new Map<string, Took[]>();
  for (const [kind, question] of Object.entries(kinds)) took.set(kind, await ask((text) => search(text), question));
  took.set('one word, in one type', await ask((text) => search(text, MEDIA_TYPES[0]), word));
  const questions = Object.fromEntries([...took].map(([kind, times]) => [kind, figuresOf(times)]));
  questions['all of these questions'] = figuresOf([...took.values()].flat());
  let found = 0;
  for (const mark of marks) {
    const best = (await engine.search(mistyped(markOf(mark)))).slice(0, 3);
    found += Number(best.some(({ name: each }) => each.endsWith(`-${mark}.txt`)));
  }
  const bytes = readdirSync(folder.path).reduce((sum, file) => sum + statSync(join(folder.path, file)).size, 0);
  const figures: EngineFigures = {
    indexSeconds,
    diskMiB: bytes / MIB,
    residentMiB: memory(process.pid).rssMiB,
    questions,
    typoRecall: found / marks.length,
    ...counts,
  };
  console.log(JSON.stringify(figures));
} finally {
  await folder.remove();
}

async function ask(search: (text: string) => Promise<unknown>, question: () => string): Promise<Took[]> {
  const took: Took[] = [];
  for (let n = 0; n < QUERIES; n++) {
    const text = question();
    const before = process.cpuUsage();
    const { seconds } = await timed(() => search(text));
    const { user, system } = process.cpuUsage(before);
    took.push({ ms: seconds * 1_000, cpuMs: (user + system) / 1_000 });
  }
  return took;
}

function figuresOf(took: readonly Took[]): QuestionFigures {
  return { ...percentilesOf(took.map(({ ms }) => ms)), cpu: percentilesOf(took.map(({ cpuMs }) => cpuMs)) };
}

function percentilesOf(tookMs: readonly number[]): { p50: number; p99: number } {
  const sorted = tookMs.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99) };
}

/** Three words that stand side by side in one of the documents. */
function samplePhrases(documents: number, random: () => number): string[] {
  const step = Math.max(1, Math.floor(documents / QUERIES));
  const phrases: string[] = [];
  let number = 0;
  for (const { text } of corpusOf({ documents, books: 0 })) {
    if (number++ % step !== 0) continue;
    const words = text.split(' ');
    const from = Math.floor(random() * (words.length / 2 - 4));
    phrases.push(words.slice(from, from + 3).join(' '));
  }
  return phrases;
}

/** With another letter in the fifth place. */
function mistyped(text: string): string {
  return `${text.slice(0, 4)}y${text.slice(5)}`;
}
