/** Whether folder, catalog and index of a node agree, as its users see it. */
import { createHash } from 'node:crypto';
import type { ReplyFrom } from '@allibrary/api';
import { eventually } from '@allibrary/testing';
import { CID } from 'multiformats/cid';
import * as Digest from 'multiformats/hashes/digest';
import { expect } from 'vitest';
import type { RandomWriter } from './random-writer.ts';
import type { Seedbox } from './seedbox.ts';

/** What must be there, and by which words it was ever found. */
export type Written = Pick<RandomWriter, 'folder' | 'texts' | 'words'>;

/** Waits until every file that the writer left is shared and found, and nothing else below its folder is. */
export async function untilAgreed(seedbox: Seedbox, writer: Written, timeoutMs = 60_000): Promise<void> {
  const wanted = [...writer.texts].map(([path, text]) => [path, documentIdOf(text)]).toSorted(byPath);
  await eventually(
    async () => expect(await catalogOf(seedbox, writer.folder), await statesOf(seedbox)).toEqual(wanted),
    { timeoutMs },
  );
  await eventually(
    async () => {
      for (const word of writer.words) expect(await holdersOf(seedbox, word)).toEqual(idsWith(writer, word));
      return true;
    },
    { timeoutMs },
  );
}

const byPath = ([a = '']: string[], [b = '']: string[]): number => (a < b ? -1 : 1);

/** The document id of a text of a single piece, made without the code under test. */
export const documentIdOf = (text: string): string =>
  CID.createV1(0x55, Digest.create(0x12, createHash('sha256').update(text).digest())).toString();

/** Each file of the catalog below a folder, with its document. */
async function catalogOf(seedbox: Seedbox, folder: string): Promise<string[][]> {
  const files: string[][] = [];
  for await (const { documentId, locations } of seedbox.allDocuments())
    for (const { path } of locations) if (path.startsWith(folder)) files.push([path, documentId]);
  return files.toSorted(byPath);
}

/** What the watcher says of each collection, for whoever reads why they do not agree. */
async function statesOf(seedbox: Seedbox): Promise<string> {
  const collections = await seedbox.call<ReplyFrom<'GET /collections'>>('GET', 'collections');
  return collections.items
    .map(({ id, status }) => [id, status?.state, status?.evidence].filter(Boolean).join(' '))
    .join('; ');
}

/** The documents that the index finds by a word. */
const holdersOf = async (seedbox: Seedbox, word: string): Promise<string[]> =>
  (await seedbox.search(word, 'local')).results.map(({ documentId }) => documentId).toSorted();

/** The documents that must be found by a word: those that files still hold. A power cut may leave a part of a copy beside the whole. */
function idsWith(writer: Written, word: string): string[] {
  const texts = [...writer.texts.values()].filter((text) => text.startsWith(`${word} `));
  return [...new Set(texts.map(documentIdOf))].toSorted();
}
