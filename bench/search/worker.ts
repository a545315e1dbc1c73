/** One engine in a process of its own: indexes the corpus, asks it, and prints what it took as JSON. */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { tempFolder } from '@allibrary/testing';
import { memory, timed } from '../measure.ts';
import { MEDIA_TYPES, corpusOf, markOf, randomOf, wordOf } from './corpus.ts';
import { ENGINES } from './engines.ts';

const QUERIES = 200;
const MIB = 1_048_576;

/** What a worker prints. */
export interface EngineFigures {
  readonly indexSeconds: number;
  readonly diskMiB: number;
  readonly residentMiB: number;
  /** Milliseconds of each kind of question: the median, and the one that 99 of 100 stay below. */
  readonly questions: Readonly<Record<string, { readonly p50: number; readonly p99: number }>>;
  /** The share of mistyped words whose one document was among the first three. */
  readonly typoRecall: number;
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
  const questions: Record<string, { p50: number; p99: number }> = {};
  for (const [kind, question] of Object.entries(kinds))
    questions[kind] = await ask((text) => engine.search(text), question);
  questions['one word, in one type'] = await ask((text) => engine.search(text, MEDIA_TYPES[0]), word);
  let found = 0;
  for (const mark of marks) {
    const best = (await engine.search(mistyped(markOf(mark)))).slice(0, 3);
    found += Number(best.some((each) => each.endsWith(`-${mark}.txt`)));
  }
  const bytes = readdirSync(folder.path).reduce((sum, file) => sum + statSync(join(folder.path, file)).size, 0);
  const figures: EngineFigures = {
    indexSeconds,
    diskMiB: bytes / MIB,
    residentMiB: memory(process.pid).rssMiB,
    questions,
    typoRecall: found / marks.length,
  };
  console.log(JSON.stringify(figures));
} finally {
  await folder.remove();
}

async function ask(search: (text: string) => Promise<unknown>, question: () => string) {
  const tookMs: number[] = [];
  for (let n = 0; n < QUERIES; n++) {
    const text = question();
    tookMs.push((await timed(() => search(text))).seconds * 1_000);
  }
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
