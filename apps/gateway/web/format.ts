const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

const TYPE_NAMES: Readonly<Record<string, string>> = {
  'application/pdf': 'PDF',
  'application/epub+zip': 'EPUB',
  'text/plain': 'Text',
  'text/markdown': 'Markdown',
  'text/html': 'HTML',
};

/** A size as people read it: «3.4 MB». */
export function formatBytes(bytes: number): string {
  const power = bytes < 1_000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  const unit = UNITS[power] ?? 'byte';
  const digits = { maximumFractionDigits: power === 0 ? 0 : 1 };
  return new Intl.NumberFormat(undefined, { style: 'unit', unit, ...digits }).format(bytes / 1_000 ** power);
}

/** A speed as people read it. */
export const formatSpeed = (bytesPerSecond: number): string => `${formatBytes(bytesPerSecond)}/s`;

/** A number with its noun: «1 peer», «3 peers». */
export const count = (amount: number, noun: string): string =>
  `${new Intl.NumberFormat().format(amount)} ${noun}${amount === 1 ? '' : 's'}`;

/** A media type as people call it. */
export const typeName = (mediaType: string): string =>
  TYPE_NAMES[mediaType] ?? (mediaType.split('/')[1] ?? mediaType).toUpperCase();
