import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readKeys, readSentences } from './events-doc/sentences.ts';
import { eventsDocument } from './events-doc.ts';
import { projectRoot } from './run-command.ts';

test('docs/EVENTS.md is up to date: if not, run node tools/boot.mjs tools/events-doc.ts', () => {
  expect(readFileSync(join(projectRoot, 'docs/EVENTS.md'), 'utf8')).toBe(eventsDocument());
});

test('every message and every type has its sentence, and every message a service that takes it', () => {
  const document = eventsDocument();
  expect(document).not.toMatch(/^### \w+\n\n\n/m);
  expect(document).not.toMatch(/undefined|to: no service|\[object/);
});

test('sentences belong to what follows them', () => {
  const source = `
/** A thing. */
export const Thing = z.object({
  /** Its name. */
  name: FileName,
  sizeBytes: SizeBytes,
});
/** Something else. */
export type Other = string;`;
  expect([...readSentences(source)]).toEqual([
    ['Thing', 'A thing.'],
    ['Thing.name', 'Its name.'],
    ['Other', 'Something else.'],
  ]);
});

test('a key is read without the code around it', () => {
  const source = 'export const Found = event({\n  subject: "a",\n  key: (file) => `${file.path}@${file.at}`,\n});\n';
  expect(readKeys(source).get('Found')).toBe('path@at');
});
