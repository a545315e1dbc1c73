/**
 * The order of a scan: a folder before the folders in it, these by their names. A scan that was interrupted at a folder
 * continues there.
 */
export function compareFolders(one: string, other: string): number {
  const [names, others] = [namesOf(one), namesOf(other)];
  for (const [at, name] of names.entries()) {
    const its = others[at];
    if (its === undefined) return 1;
    if (name !== its) return name < its ? -1 : 1;
  }
  return names.length - others.length;
}

/** Whether a folder is the other one, or lies in it; '' holds all. */
export const isInFolder = (folder: string, other: string): boolean =>
  other === '' || folder === other || folder.startsWith(`${other}/`);

const namesOf = (folder: string): readonly string[] => (folder === '' ? [] : folder.split('/'));
