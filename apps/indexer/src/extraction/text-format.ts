/** The formats whose text can be extracted. */
export const TEXT_FORMATS = [
  ...(['plain', 'markdown', 'html', 'xml', 'json', 'tex', 'subtitles', 'rtf', 'mail'] as const),
  ...(['pdf', 'epub', 'docx', 'odt', 'picture'] as const),
] as const;

/** One of {@link TEXT_FORMATS}. */
export type TextFormat = (typeof TEXT_FORMATS)[number];

const FORMATS: Readonly<Record<string, TextFormat>> = {
  'text/markdown': 'markdown',
  'text/html': 'html',
  'application/xhtml+xml': 'html',
  'application/xml': 'xml',
  'text/xml': 'xml',
  'text/x-opml': 'xml',
  'application/json': 'json',
  'application/x-tex': 'tex',
  'application/x-subrip': 'subtitles',
  'text/vtt': 'subtitles',
  'application/rtf': 'rtf',
  'text/rtf': 'rtf',
  'message/rfc822': 'mail',
  'multipart/related': 'mail',
  'application/pdf': 'pdf',
  'application/epub+zip': 'epub',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.template': 'docx',
  'application/vnd.ms-word.document.macroenabled.12': 'docx',
  'application/vnd.ms-word.template.macroenabled.12': 'docx',
  'application/vnd.oasis.opendocument.text': 'odt',
  'application/vnd.oasis.opendocument.text-template': 'odt',
  'application/vnd.oasis.opendocument.text-master': 'odt',
  'application/vnd.oasis.opendocument.text-web': 'odt',
  'image/png': 'picture',
  'image/jpeg': 'picture',
  'image/tiff': 'picture',
  'image/webp': 'picture',
  'image/bmp': 'picture',
};

/** What a name without a known ending stands for. */
const UNKNOWN = 'application/octet-stream';
/** Types that hold others: the name says which. */
const CONTAINERS = new Set(['application/zip', 'application/xml', 'application/x-cfb', 'application/gzip']);

/** The format that a media type stands for; null when no text is extracted from it. */
export function textFormatOf(mediaType: string): TextFormat | null {
  const essence = essenceOf(mediaType);
  const known = FORMATS[essence];
  if (known) return known;
  if (essence.endsWith('+xml')) return 'xml';
  if (essence.endsWith('+json')) return 'json';
  return essence.startsWith('text/') ? 'plain' : null;
}

/** Programs and drawings that are written in letters. */
const NO_TEXTS = new Set(['application/postscript']);

/** The format of a file whose type is not known to hold text, when its bytes are letters: sources, scripts, notes. */
export const formatOfLetters = (mediaType: string): TextFormat | null =>
  NO_TEXTS.has(essenceOf(mediaType)) ? null : 'plain';

/** Whether documents of a media type have covers that can be drawn. */
export const hasCover = (mediaType: string): boolean => ['pdf', 'epub'].includes(textFormatOf(mediaType) ?? '');

/** What is known of a file's type. */
export interface TypeHints {
  readonly byName: string;
  /** By signs that its bytes begin with; null when they have none, as texts do. */
  readonly byContent: string | null;
  /** Whether its bytes could be a text. */
  readonly isText: boolean;
}

/** A file's media type: what its bytes are, whatever its name; of a text, which has no signs of its own, what its name says. */
export function mediaTypeOf({ byName, byContent, isText }: TypeHints): string {
  const named = essenceOf(byName);
  if (byContent === 'application/xml' && named === UNKNOWN) return byContent;
  if (byContent === null || CONTAINERS.has(byContent)) return named === UNKNOWN && isText ? 'text/plain' : named;
  // A text that happens to begin with the two or three letters of a picture's or a program's sign.
  if (isText && textFormatOf(named) !== null && isForeign(byContent)) return named;
  return essenceOf(byContent);
}

const isForeign = (mediaType: string): boolean => [null, 'picture'].includes(textFormatOf(mediaType));

const essenceOf = (mediaType: string): string => mediaType.split(';')[0]?.trim().toLowerCase() ?? '';
