/** Where one word of a name ends without a sign between: `annualReport`, `PDFGuide`, `report2024`, `2024report`. */
const SEAMS = /(?<=\p{Ll})(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})|(?<=\p{L})(?=\p{N})|(?<=\p{N})(?=\p{L})/gu;

/** Returns a file's name for indexing: as written, and again with joined words apart. */
export function searchableName(name: string): string {
  const apart = name.replaceAll(SEAMS, ' ');
  return apart === name ? name : `${name} ${apart}`;
}
