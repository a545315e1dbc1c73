import { readText, undivided } from '../encoding/decode.ts';
import type { ReadText } from '../extraction.ts';
import type { SourceFile } from '../child/source-file.ts';

/** The number and the times of a caption (SubRip, WebVTT); they stand between the words of a sentence. */
const TIMING = /^(?:\d{1,7}[^\S\n]*\r?\n)?(?:\d{1,3}:)?\d{1,2}:\d{2}[.,]\d{1,3}[^\S\n]*-->[^\n]{0,200}(?:\n|$)/gmu;
const MARKUP = /<\/?[a-z][^<>\n]{0,100}>|\{\\[^{}\n]{0,100}\}/giu;

/** Reads the captions of subtitles without their times. */
export async function readSubtitles(file: SourceFile, maxCharacters: number): Promise<ReadText> {
  const { text, truncated } = await readText(file, maxCharacters);
  return undivided({ text: withoutTimes(text), truncated });
}

export const withoutTimes = (subtitles: string): string => subtitles.replaceAll(TIMING, '').replaceAll(MARKUP, '');
