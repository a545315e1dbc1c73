// Runs in a process of its own, with capped memory and time, and may read the library and its own code only.
import { metadataOf } from '../domain/metadata.ts';
import { type DividedText, joinSections } from '../domain/sections.ts';
import { countWords } from '../domain/words.ts';
import type { Answer, Usage } from './answers.ts';
import { type Question, type ReadText, UnreadableText } from './extraction.ts';
import { FileChanged, SourceFile } from './source-file.ts';

type Reader = (file: SourceFile, maxCharacters: number) => Promise<ReadText>;

/** Loaded when first needed: most of the memory of an idle child would be the PDF reader. */
const READERS: Record<Question['format'], () => Promise<Reader>> = {
  plain: async () => (await import('./plain-text.ts')).readPlainText,
  markdown: async () => (await import('./markdown.ts')).readMarkdown,
  html: async () => (await import('./html.ts')).readHtml,
  pdf: async () => (await import('./pdf.ts')).readPdf,
  epub: async () => (await import('./epub.ts')).readEpub,
  docx: async () => (await import('./office.ts')).readDocx,
  odt: async () => (await import('./office.ts')).readOdt,
};

process.on('message', (question) => {
  answer(question as Question).catch(() => process.exit(1)); // the parent can't be told any more
});
process.on('disconnect', () => process.exit());
// Ctrl-C reaches every process of the terminal; when this one ends is the parent's decision.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

async function answer(question: Question): Promise<void> {
  try {
    const { text, ...rest } = await read(question);
    for (let at = 0; at < text.length; at += question.pieceCharacters) {
      await send({ kind: 'piece', text: text.slice(at, at + question.pieceCharacters) });
    }
    await send({ kind: 'end', ...rest, words: countWords(text), usage: usage() });
  } catch (error) {
    if (error instanceof FileChanged) return send({ kind: 'changed', usage: usage() });
    const metadata = metadataOf(error instanceof UnreadableText ? error.statements : []);
    await send({ kind: 'problem', problem: sentence(error), metadata, usage: usage() });
  }
}

async function read({
  path,
  format,
  sizeBytes,
  maxCharacters,
}: Question): Promise<DividedText & Pick<Extract<Answer, { kind: 'end' }>, 'metadata' | 'truncated'>> {
  const file = await SourceFile.open(path, sizeBytes);
  try {
    const readFormat = await READERS[format]();
    const { sections, statements, truncated } = await readFormat(file, maxCharacters).catch(async (error: unknown) => {
      await file.expectUnchanged(); // half of an old file and half of a new one: no wonder that it is unreadable
      throw error;
    });
    await file.expectUnchanged();
    const cleaned = sections.map((section) => ({ ...section, text: clean(section.text) }));
    const divided = joinSections(cleaned);
    const metadata = metadataOf(statements);
    const language = metadata.language ?? (await guessLanguage(divided.text));
    return { ...divided, metadata: { ...metadata, language }, truncated };
  } finally {
    await file.close();
  }
}

/** Loaded when needed, like the readers. */
const guessLanguage = async (text: string): Promise<string | null> =>
  (await import('./language-of-text.ts')).languageOfText(text);

/** Control characters part words; a soft hyphen does not, but the index would take it so. */
const clean = (text: string): string => text.replaceAll('\u00AD', '').replaceAll(/\p{Cc}+/gu, ' ');

function sentence(error: unknown): string {
  if (error instanceof UnreadableText) return error.message.slice(0, 400);
  const reason = error instanceof Error ? error.message : String(error);
  return `its text could not be extracted: ${reason}`.slice(0, 400);
}

function usage(): Usage {
  const { user, system } = process.cpuUsage();
  return { residentBytes: process.memoryUsage.rss(), cpuMs: (user + system) / 1_000 };
}

const send = (message: Answer): Promise<void> =>
  new Promise((resolve, reject) => {
    if (!process.send) throw new Error('This module runs as a child process of the indexer.');
    process.send(message, undefined, {}, (error) => (error ? reject(error) : resolve()));
  });
