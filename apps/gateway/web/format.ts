const UNITS = ['kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

const TYPE_NAMES: Readonly<Record<string, string>> = {
  'application/pdf': 'PDF',
  'application/epub+zip': 'EPUB',
  'text/plain': 'Text',
  'text/markdown': 'Markdown',
  'text/html': 'HTML',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'Word',
  'application/vnd.oasis.opendocument.text': 'OpenDocument',
};

/** A size as people read it: «3.4 MB». */
export function formatBytes(bytes: number): string {
  if (bytes < 1_000) return count(Math.round(bytes), 'byte');
  const power = Math.min(UNITS.length, Math.floor(Math.log10(bytes) / 3));
  const style = { style: 'unit', unit: UNITS[power - 1] ?? 'kilobyte', maximumFractionDigits: 1 } as const;
  return new Intl.NumberFormat(undefined, style).format(bytes / 1_000 ** power);
}

/** A speed as people read it. */
export const formatSpeed = (bytesPerSecond: number): string => `${formatBytes(bytesPerSecond)}/s`;

/** A number with its noun: «1 peer», «3 peers». */
export const count = (amount: number, noun: string): string =>
  `${new Intl.NumberFormat().format(amount)} ${noun}${amount === 1 ? '' : 's'}`;

/** A language by its ISO 639 code, in the reader's own language. */
export const languageName = (code: string): string =>
  new Intl.DisplayNames(undefined, { type: 'language', fallback: 'code' }).of(code) ?? code;

/** A media type as people call it. */
export const typeName = (mediaType: string): string =>
  TYPE_NAMES[mediaType] ?? (mediaType.split('/')[1] ?? mediaType).toUpperCase();
