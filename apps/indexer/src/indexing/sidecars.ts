/** What Calibre writes beside the one book of a folder. */
const FOLDER_SIDECAR = 'metadata.opf';
const JSON_ENDING = /\.json$/iu;
const PACKAGE_ENDING = /\.opf$/iu;

/**
 * The names of the files beside a document that may describe it, those first that mean it alone: `book.pdf.json`,
 * `book.pdf.opf`, `book.opf`, `metadata.opf`. A package document describes others, so nothing describes it.
 */
export function sidecarsOf(name: string): string[] {
  if (PACKAGE_ENDING.test(name)) return [];
  const stem = name.replace(/\.[^.]*$/u, '') || name;
  return [`${name}.json`, `${name}.opf`, `${stem}.opf`, FOLDER_SIDECAR];
}

/** Which of the names in its folder a file describes; none when it is no sidecar. */
export const describedBy = (sidecar: string, names: readonly string[]): string[] =>
  names.filter((name) => name !== sidecar && sidecarsOf(name).includes(sidecar));

/** The only names that a file may describe; null when that depends on what else lies in its folder. */
export function possiblyDescribedBy(name: string): readonly string[] | null {
  if (JSON_ENDING.test(name)) return [name.replace(JSON_ENDING, '')];
  return PACKAGE_ENDING.test(name) ? null : [];
}
