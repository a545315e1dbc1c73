/** The formats whose text can be extracted. */
export const TEXT_FORMATS = ['plain', 'markdown', 'html', 'pdf', 'epub', 'docx', 'odt'] as const;

/** One of {@link TEXT_FORMATS}. */
export type TextFormat = (typeof TEXT_FORMATS)[number];

const FORMATS: Readonly<Record<string, TextFormat>> = {
  'text/markdown': 'markdown',
  'text/html': 'html',
  'application/xhtml+xml': 'html',
  'application/pdf': 'pdf',
  'application/epub+zip': 'epub',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
  'application/vnd.oasis.opendocument.text': 'odt',
};

/** The format that a media type stands for; null when no text is extracted from it. */
export function textFormatOf(mediaType: string): TextFormat | null {
  const essence = mediaType.split(';')[0]?.trim().toLowerCase() ?? '';
  return FORMATS[essence] ?? (essence.startsWith('text/') ? 'plain' : null);
}
