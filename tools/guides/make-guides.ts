import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { toEpub } from './epub.ts';
import { type Guide, readGuides } from './guide.ts';
import { toHtml } from './html.ts';
import { toPdf } from './pdf.ts';
import { toText } from './text.ts';

const FORMATS: Record<string, (guide: Guide) => string | Uint8Array | Promise<Uint8Array>> = {
  pdf: toPdf,
  epub: toEpub,
  html: toHtml,
  md: ({ markdown }) => markdown,
  txt: toText,
};

/** Writes every guide in every format into a folder, each format in a folder of its own; answers the files' paths in it. */
export async function makeGuides(folder: string): Promise<string[]> {
  const made: string[] = [];
  const guides = readGuides();
  for (const [extension, make] of Object.entries(FORMATS)) {
    await mkdir(join(folder, extension), { recursive: true });
    for (const guide of guides) {
      const path = join(extension, `${guide.slug}.${extension}`);
      await writeFile(join(folder, path), await make(guide));
      made.push(path);
    }
  }
  return made;
}
