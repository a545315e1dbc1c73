import { Parser } from 'htmlparser2';
import { declaredInHtml } from './declared-encoding.ts';
import { readText, undivided } from './decode.ts';
import type { ReadText } from './extraction.ts';
import { metadataOfHtml } from './html-metadata.ts';
import type { SourceFile } from './source-file.ts';

/** Of a page whose source is longer than so many times the text that is wanted, the end is not read. */
const MAX_SOURCE_FACTOR = 2;
const PARSED_CHARACTERS = 64 * 1024;
const SILENT = new Set(['script', 'style', 'template', 'noscript', 'svg', 'math', 'iframe', 'object']);
/** Elements that do not part the words around them. */
const INLINE = new Set(
  'a abbr b bdi bdo cite code data del dfn em font i ins kbd mark q s samp small span strong sub sup time u var wbr'.split(
    ' ',
  ),
);

/** Reads an HTML file's title and text. */
export async function readHtml(file: SourceFile, maxCharacters: number): Promise<ReadText> {
  const source = await readText(file, maxCharacters * MAX_SOURCE_FACTOR, declaredInHtml);
  const text = textOfHtml(source.text, maxCharacters);
  const truncated = source.truncated || text.length > maxCharacters;
  return undivided({ text: text.slice(0, maxCharacters), truncated }, metadataOfHtml(source.text));
}

/** What a reader of the page sees, and its title; not much more than so many characters of it. */
export function textOfHtml(html: string, maxCharacters: number): string {
  let text = '';
  let silentDepth = 0;
  const boundary = (name: string): void => {
    if (!INLINE.has(name)) text += '\n';
  };
  const parser = new Parser(
    {
      onopentagname: (name) => {
        if (SILENT.has(name)) silentDepth += 1;
        boundary(name);
      },
      onclosetag: (name) => {
        if (SILENT.has(name)) silentDepth -= 1;
        boundary(name);
      },
      ontext: (piece) => {
        if (silentDepth === 0) text += piece;
      },
    },
    { recognizeSelfClosing: true }, // the chapters of an EPUB are XHTML: in HTML, <title/> would swallow them
  );
  let done = '';
  for (let at = 0; at < html.length && done.length <= maxCharacters; at += PARSED_CHARACTERS) {
    parser.write(html.slice(at, at + PARSED_CHARACTERS));
    done += tidy(text); // in pieces: a whole book of loose strings needs ten times its size
    text = '';
  }
  parser.end();
  return (done + tidy(text)).replaceAll(/\n{2,}/gu, '\n').trim();
}

/** One space between words, one line break between blocks. */
const tidy = (text: string): string => text.replaceAll(/[^\S\n]+/gu, ' ').replaceAll(/ ?\n[ \n]*/gu, '\n');
