import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { projectRoot } from '../run-command.ts';

/** The date in every file that is made: the same guide gives the same bytes, and so the same document id, every day. */
export const MADE_ON = '2026-11-23';

/** One of the project's own guides. */
export interface Guide {
  /** Its file's name without the extension. */
  readonly slug: string;
  readonly title: string;
  readonly markdown: string;
}

/** The guides of docs/guides. */
export function readGuides(): Guide[] {
  return globSync(join(projectRoot, 'docs/guides/*.md')).toSorted().map(readGuide);
}

function readGuide(file: string): Guide {
  const markdown = readFileSync(file, 'utf8');
  const title = /^# (.+)$/m.exec(markdown)?.[1];
  if (!title) throw new Error(`${file} has no title: it must begin with one, like # Searching well`);
  return { slug: basename(file, '.md'), title, markdown };
}
