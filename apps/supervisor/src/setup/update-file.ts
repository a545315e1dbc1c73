import { readFileSync } from 'node:fs';
import { replaceFile } from '@allibrary/platform/files';

/** Replaces a file unless it has this content already: an unchanged file needs no room on a full disk. */
export function updateFile(file: string, text: string): void {
  if (contentOf(file) !== text) replaceFile(file, text);
}

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
