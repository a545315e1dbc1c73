import { readText, undivided } from '../encoding/decode.ts';
import type { ReadText } from '../extraction.ts';
import type { SourceFile } from '../child/source-file.ts';

/**
 * What is taken out of Markdown, and what stays in its place. Each pattern looks at a bounded part of one line: with
 * open ends, a line of a million brackets took minutes.
 */
const MARKUP: ReadonlyArray<readonly [pattern: RegExp, text: string]> = [
  [/^[ \t]{0,3}\[[^\]\n]{1,200}\]:[ \t]{1,8}\S.*$/gmu, ''], // [name]: address
  [/!?\[([^[\]\n]{0,400})\]\([^()\n]{0,400}\)/gu, '$1'], // [text](address), ![text](address)
  [/!?\[([^[\]\n]{1,400})\]\[[^[\]\n]{0,200}\]/gu, '$1'], // [text][name]
  [/<(?:https?:|mailto:)([^<>\s]{1,400})>/gu, '$1'],
  [/<\/?(?:a|b|big|code|del|em|i|ins|kbd|mark|s|small|span|strong|sub|sup|u)(?:\s[^<>\n]{0,400})?>/giu, ''],
  [/<\/?[a-z][^<>\n]{0,400}>|<!--.{0,400}?-->/giu, ' '],
  [/^[ \t]{0,3}(?:`{3,9}|~{3,9}).*$/gmu, ''], // fences
  [/^[ \t]{0,8}(?:>[ \t]?){1,20}/gmu, ''],
  [/^[ \t]{0,3}#{1,6}[ \t]{1,8}|[ \t]#{1,6}[ \t]{0,8}$/gmu, ''],
  [/^[ \t]{0,40}(?:[-+*]|\d{1,9}[.)])[ \t]{1,8}(?:\[[ xX]\][ \t]{1,8})?/gmu, ''],
  [/^[ \t]{0,8}(?:[-=*_|:+][ \t]{0,8}){3,400}$/gmu, ''], // rules, underlines, table borders
  [/[|`]/gu, ' '],
  [/(?<=[\p{L}\p{N}])(\*{1,3}|~~)(?=\S)([^*~\n]{1,400})(?<=\S)\1/gu, '$2'], // emphasis of the end of a word
  [/(\*{1,3}|~~)(?=\S)([^*~\n]{1,400})(?<=\S)\1(?=[\p{L}\p{N}])/gu, '$2'], // and of its beginning
  [/(?<![\p{L}\p{N}])[*_~]{1,3}(?=\S)|(?<=\S)[*_~]{1,3}(?![\p{L}\p{N}])/gu, ''],
];

/** Reads a Markdown file without its markup. */
export async function readMarkdown(file: SourceFile, maxCharacters: number): Promise<ReadText> {
  const { text, truncated } = await readText(file, maxCharacters);
  return undivided({ text: withoutMarkup(text), truncated });
}

/** The words of a Markdown text: no signs, no addresses of links. */
export function withoutMarkup(markdown: string): string {
  return MARKUP.reduce((text, [pattern, replacement]) => text.replaceAll(pattern, replacement), markdown);
}
