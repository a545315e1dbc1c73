import { marked } from 'marked';
import type { Guide } from './guide.ts';

/** A guide as a complete page. */
export const toHtml = (guide: Guide): string => `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${escapeXml(guide.title)}</title></head>
<body>
${bodyOf(guide)}</body>
</html>
`;

/** A guide as EPUB wants it: the same page as XML. */
export const toXhtml = (guide: Guide): string => `<?xml version="1.0" encoding="utf-8"?>
<html xmlns="http://www.w3.org/1999/xhtml" lang="en" xml:lang="en">
<head><title>${escapeXml(guide.title)}</title></head>
<body>
${bodyOf(guide)}</body>
</html>
`;

const bodyOf = ({ markdown }: Guide): string => marked.parse(markdown, { async: false });

/** A text as it may stand in HTML and XML. */
export const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
