// Real: an index on a disk, as a version without codes left it.
import { join } from 'node:path';
import { openReadModel } from '@allibrary/platform';
import { type TempFolder, tempFolder } from '@allibrary/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { documentOf, idOf } from '../testing/test-index.ts';
import { FTS5_SCHEMA } from './fts5-schema.ts';
import { Fts5Threads } from './fts5-threads.ts';

let folder: TempFolder;
beforeEach(async () => {
  folder = await tempFolder();
});
afterEach(() => folder.remove());

test('an index that stores sentences alone gets their codes when it is opened', async () => {
  const file = join(folder.path, 'index.db');
  const before = Fts5Threads.open(file);
  const problems = { 'a.txt': null, 'b.png': 'image/png is a picture, and OCR is off', 'c.pdf': 'damaged or no PDF' };
  for (const [name, problem] of Object.entries(problems)) await before.upsert(documentOf(name, '', { problem }), 1);
  await before.close();
  removeCodes(file);

  for (const open of [1, 2]) {
    const index = Fts5Threads.open(file);
    const codes = (await index.revisions('', 10)).map(({ documentId, problemCode }) => [documentId, problemCode]);
    expect(new Map(codes as [string, unknown][]), `opening ${open}`).toEqual(
      new Map([
        [idOf('a.txt'), null],
        [idOf('b.png'), 'ocr-off'],
        [idOf('c.pdf'), 'unreadable'],
      ]),
    );
    await index.close();
  }
});

function removeCodes(file: string): void {
  const model = openReadModel({ file, ...FTS5_SCHEMA });
  model.db.exec(`
    DROP INDEX documents_by_code;
    ALTER TABLE documents DROP COLUMN problem_code;
    CREATE INDEX documents_by_revision ON documents (document_id, revision, problem);
  `);
  model.close();
}
