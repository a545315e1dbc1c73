import { marked } from 'marked';
import type { Guide } from './guide.ts';

/** A guide as a complete page; with `xhtml`, as EPUB wants it. */
export function toHtml({ title, markdown }: Guide, { xhtml = false } = {}): string {
  const body = marked.parse(markdown, { async: false });
  const head = `<title>${title}</title>`;
  if (!xhtml)
    return `<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8">${head}</head>\n<body>\n${body}</body>\n</html>\n`;
  return `<?xml version="1.0" encoding="utf-8"?>\n<html xmlns="http://www.w3.org/1999/xhtml" lang="en">\n<head>${head}</head>\n<body>\n${body}</body>\n</html>\n`;
}
