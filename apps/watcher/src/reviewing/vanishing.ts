import type { FreezeLimits } from '@allibrary/contracts';

/** What is seen, and missed, of a collection. */
export interface Census {
  readonly knownFiles: number;
  /** Known files that are not where they were; those that only moved are not counted. */
  readonly missingFiles: number;
  /** Whether the folder is another one than that in which the files were last seen: its device or inode differs. */
  readonly isRootExchanged: boolean;
  /** A few of the missing paths, for the evidence. */
  readonly examples: readonly string[];
}

/** Whether what is missing may be called lost, or else what was seen and what to do about it. */
export type Verdict =
  | { readonly kind: 'believe' }
  | { readonly kind: 'freeze'; readonly evidence: string; readonly remedy: string };

const BELIEVE: Verdict = { kind: 'believe' };
const MOST_TEXT = 1_000;
const MOST_EXAMPLE = 100;

/**
 * Tells deleted files from a mount that broke: people delete some files, broken mounts take most of them. A folder
 * that is another one than before has no claim to the doubt's benefit: there the share alone counts.
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
