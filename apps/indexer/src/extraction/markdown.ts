import { readText } from './decode.ts';
import type { ReadText } from './extraction.ts';
import type { SourceFile } from './source-file.ts';

/** What is taken out of Markdown, and what stays in its place; each pattern looks at one line only. */
const MARKUP: ReadonlyArray<readonly [pattern: RegExp, text: string]> = [
  [/^[ \t]{0,3}\[[^\]\n]{1,200}\]:[ \t]+\S.*$/gmu, ''], // [name]: address
  [/!?\[([^\]\n]*)\]\([^)\n]*\)/gu, '$1'], // [text](address), ![text](address)
  [/!?\[([^\]\n]+)\]\[[^\]\n]*\]/gu, '$1'], // [text][name]
  [/<(?:https?:|mailto:)([^>\s]+)>/gu, '$1'],
  [/<\/?[a-z][^>\n]*>|<!--.*?-->/giu, ' '],
  [/^[ \t]{0,3}(?:`{3,}|~{3,}).*$/gmu, ''], // fences
  [/^[ \t]*(?:>[ \t]?)+/gmu, ''],
  [/^[ \t]{0,3}#{1,6}[ \t]+|[ \t]+#+[ \t]*$/gmu, ''],
  [/^[ \t]*(?:[-+*]|\d{1,9}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?/gmu, ''],
  [/^[ \t]*(?:[-=*_|:+][ \t]*){3,}$/gmu, ''], // rules, underlines, table borders
  [/[|`]/gu, ' '],
  [/(?<![\p{L}\p{N}])[*_~]{1,3}(?=\S)|(?<=\S)[*_~]{1,3}(?![\p{L}\p{N}])/gu, ''],
];

/** Reads a Markdown file without its markup. */
export async function readMarkdown(file: SourceFile, maxCharacters: number): Promise<ReadText> {
  const { text, truncated } = await readText(file, maxCharacters);
  return { text: withoutMarkup(text), truncated };
}

/** The words of a Markdown text: no signs, no addresses of links. */
export function withoutMarkup(markdown: string): string {
  return MARKUP.reduce((text, [pattern, replacement]) => text.replaceAll(pattern, replacement), markdown);
}
