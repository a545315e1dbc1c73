// Runs in a process of its own, with capped memory and time. It can open its own code only; the parent serves documents' bytes.
import { TELLING_CHARACTERS } from '../description/language.ts';
import { combined, metadataOf } from '../description/metadata.ts';
import { type DividedText, joinSections } from '../text/sections.ts';
import { countWords } from '../text/words.ts';
import type { Answer, Usage } from './answers.ts';
import { type CoverQuestion, type Question, type ReadText, UnreadableText } from '../extraction.ts';
import { type Reading, readText } from './read-text.ts';
import { NO_SIDECAR, readSidecar } from '../description/sidecar.ts';
import { FileChanged, SourceFile } from './source-file.ts';
import { DOCUMENT, PDF_TEXT, RECOGNISED, SIDECAR } from './source-protocol.ts';
import { wear } from './wear.ts';

const NO_TEXT: DividedText = { text: '', divisions: [] };

process.on('message', (question) => {
  answer(question as Question | CoverQuestion).catch(() => process.exit(1)); // the parent can't be told any more
});
process.on('disconnect', () => process.exit());
// A library that fails beside the reading, perhaps after it, must cost neither this document nor the next one.
process.on('unhandledRejection', () => {
  wear.isOut = true;
});
// Ctrl-C reaches every process of the terminal; when this one ends is the parent's decision.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

async function answer(question: Question | CoverQuestion): Promise<void> {
  const file = new SourceFile(DOCUMENT, question.sizeBytes);
  try {
    await (question.wanted === 'text' ? sendText(file, question) : sendCover(file, question));
  } catch (error) {
    file.close();
    if (error instanceof FileChanged) return send({ kind: 'changed', usage: usage() });
    throw error;
  }
}

/** Sends the cover of a file; null when it cannot be drawn. */
async function sendCover(file: SourceFile, { mediaType }: CoverQuestion): Promise<void> {
  const { coverOf } = await import('../covers/cover.ts');
  const jpeg = await coverOf(file, mediaType).catch(() => null);
  file.close();
  await send({ kind: 'cover', jpeg: jpeg && jpeg.toString('base64'), usage: usage() });
}

/** Sends text and description of a file; throws {@link FileChanged}. */
async function sendText(
  file: SourceFile,
  { sidecar: beside, mediaType: byName, maxCharacters, ocr, pieceCharacters, ...question }: Question,
): Promise<void> {
  const mediaType = await (await import('./media-type.ts')).mediaTypeOfFile(file, byName);
  const sidecar = beside ? await readSidecar(beside.name, new SourceFile(SIDECAR, beside.sizeBytes)) : NO_SIDECAR;
  const onRecognising = (): Promise<void> => send({ kind: 'recognising' });
  const open = (source: number, bytes: number | null) => (bytes === null ? null : new SourceFile(source, bytes));
  const pdf = { text: open(PDF_TEXT, question.pdfTextBytes), recognised: open(RECOGNISED, question.recognisedBytes) };
  const read = await textOf(file, { mediaType, pdf, maxCharacters, ocr, onRecognising });
  file.close();
  const { text, divisions } = read instanceof UnreadableText ? NO_TEXT : divide(read);
  const own = metadataOf(read.statements);
  const language = own.language ?? sidecar.metadata.language ?? (await guessLanguage(text));
  const description = {
    mediaType,
    ...combined([
      ['sidecar', sidecar.metadata],
      ['document', own],
      ['text', { language }],
    ]),
    sidecarProblem: sidecar.problem,
    picturePages: read.picturePages ?? [],
  };
  if (read instanceof UnreadableText) {
    const problem = read.message.slice(0, 400);
    return send({ kind: 'problem', problem, problemCode: read.code, ...description, usage: usage() });
  }
  for (let at = 0; at < text.length; at += pieceCharacters) {
    await send({ kind: 'piece', text: text.slice(at, at + pieceCharacters) });
  }
  const { truncated } = read;
  await send({ kind: 'end', divisions, truncated, ...description, words: countWords(text), usage: usage() });
}

/** The text of a file, or why it can't be had. */
async function textOf(file: SourceFile, reading: Reading): Promise<ReadText | UnreadableText> {
  try {
    return await readText(file, reading);
  } catch (error) {
    if (error instanceof FileChanged) throw error;
    if (error instanceof UnreadableText) return error;
    const reason = error instanceof Error ? error.message : String(error);
    return new UnreadableText(`its text could not be extracted: ${reason}`);
  }
}

const divide = ({ sections }: ReadText): DividedText =>
  joinSections(sections.map((section) => ({ ...section, text: clean(section.text) })));

/** Loaded when needed, like the readers: it takes 80 MB. */
async function guessLanguage(text: string): Promise<string | null> {
  if (text.length < TELLING_CHARACTERS) return null;
  return (await import('../description/language-of-text.ts')).languageOfText(text);
}

/** Control characters part words; a soft hyphen does not, but the index would take it so. */
const clean = (text: string): string => text.replaceAll('\u00AD', '').replaceAll(/\p{Cc}+/gu, ' ');

function usage(): Usage {
  const { user, system } = process.cpuUsage();
  return { residentBytes: process.memoryUsage.rss(), cpuMs: (user + system) / 1_000, isWornOut: wear.isOut };
}

const send = (message: Answer): Promise<void> =>
  new Promise((resolve, reject) => {
    if (!process.send) throw new Error('This module runs as a child process of the indexer.');
    process.send(message, undefined, {}, (error) => (error ? reject(error) : resolve()));
  });
