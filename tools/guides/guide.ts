import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { projectRoot } from '../run-command.ts';

/** One of the project's own guides. */
export interface Guide {
  /** Its file's name without the extension. */
  readonly slug: string;
  readonly title: string;
  readonly markdown: string;
}

/** The guides of docs/guides. */
export function readGuides(): Guide[] {
  return globSync(join(projectRoot, 'docs/guides/*.md'))
    .toSorted((a, b) => a.localeCompare(b))
    .map((file) => {
      const markdown = readFileSync(file, 'utf8');
      const title = /^# (.+)$/m.exec(markdown)?.[1];
      if (!title) throw new Error(`${file} has no title`);
      return { slug: basename(file, '.md'), title, markdown };
    });
}
