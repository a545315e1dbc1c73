import type { FreezeLimits } from '@allibrary/contracts';

/** Counts of a collection's known and missing files. */
export interface Census {
  readonly knownFiles: number;
  /** Known files that are not where they were; those that only moved are not counted. */
  readonly missingFiles: number;
  /** Whether the files were last seen in another folder: its device or inode differs. */
  readonly isRootExchanged: boolean;
  /** A few of the missing paths, for the evidence. */
  readonly examples: readonly string[];
}

/** Whether what is missing may be published as lost; if not, the evidence against it and what to do. */
export type Verdict =
  | { readonly kind: 'believe' }
  | { readonly kind: 'freeze'; readonly evidence: string; readonly remedy: string };

const BELIEVE: Verdict = { kind: 'believe' };
const MOST_TEXT = 1_000;
const MOST_EXAMPLE = 100;

/**
 * Distinguishes deleted files from a broken mount: people delete some files, broken mounts take most of them. In another
 * folder than before the share alone counts.
 */
export function judge(census: Census, limits: FreezeLimits): Verdict {
  const { knownFiles, missingFiles, isRootExchanged } = census;
  if (missingFiles === 0) return BELIEVE;
  const isLargeShare = missingFiles * 100 >= limits.percent * knownFiles;
  const areMany = isRootExchanged || missingFiles >= limits.files;
  return isLargeShare && areMany ? { kind: 'freeze', evidence: evidenceOf(census), remedy: REMEDY } : BELIEVE;
}

const REMEDY =
  'Mount its disk, or bring the files back: it goes on by itself. If they were really deleted, confirm the deletions.';

function evidenceOf({ knownFiles, missingFiles, isRootExchanged, examples }: Census): string {
  const what = `${missingFiles} of ${knownFiles} files vanished`;
  const where = isRootExchanged ? ', and the folder is another one than that which held them' : '';
  const names = examples.map((path) => JSON.stringify(path.slice(0, MOST_EXAMPLE))).join(', ');
  return `${what}${where}${names && `, such as ${names}`}`.slice(0, MOST_TEXT);
}
