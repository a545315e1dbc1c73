import { Parser } from 'htmlparser2';
import { readText } from './decode.ts';
import type { ReadText } from './extraction.ts';
import type { SourceFile } from './source-file.ts';

/** So much markup may stand around each character of text. */
const MARKUP_RATIO = 4;
const SILENT = new Set(['script', 'style', 'template', 'noscript', 'svg', 'math', 'iframe', 'object']);
/** Elements that do not part the words around them. */
const INLINE = new Set(
  'a abbr b bdi bdo cite code data del dfn em font i ins kbd mark q s samp small span strong sub sup time u var wbr'.split(
    ' ',
  ),
);
const CHARSET = /<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w:.-]{2,40})/iu;

/** Reads an HTML file's title and text. */
export async function readHtml(file: SourceFile, maxCharacters: number): Promise<ReadText> {
  const source = await readText(file, maxCharacters * MARKUP_RATIO, (start) => CHARSET.exec(start)?.[1] ?? null);
  const text = textOfHtml(source.text);
  const truncated = source.truncated || text.length > maxCharacters;
  return { text: text.slice(0, maxCharacters), truncated };
}

/** What a reader of the page sees, and its title. */
export function textOfHtml(html: string): string {
  const parts: string[] = [];
  let silentDepth = 0;
  const boundary = (name: string): void => {
    if (!INLINE.has(name)) parts.push('\n');
  };
  const parser = new Parser({
    onopentagname: (name) => {
      if (SILENT.has(name)) silentDepth += 1;
      boundary(name);
    },
    onclosetag: (name) => {
      if (SILENT.has(name)) silentDepth -= 1;
      boundary(name);
    },
    ontext: (text) => {
      if (silentDepth === 0) parts.push(text);
    },
  });
  parser.end(html);
  return parts
    .join('')
    .replaceAll(/[^\S\n]+/gu, ' ')
    .replaceAll(/\s*\n\s*/gu, '\n')
    .trim();
}
