import { type DividedText, type Section, sectionsOf } from '../extraction/text/sections.ts';

const MAX_CHARACTERS = 16 * 1024;

/** A section, or a part of a long one, that can be read without the rest. */
export type Passage = Section;

/** Cuts a text into passages: at its divisions, and else between its words. */
export function* passagesOf(divided: DividedText): Generator<Passage> {
  for (const { text, ...place } of sectionsOf(divided)) {
    for (let at = 0; at < text.length; ) {
      const end = endOfPassage(text, at);
      yield { ...place, text: text.slice(at, end) };
      at = end;
    }
  }
}

function endOfPassage(text: string, begin: number): number {
  const limit = begin + MAX_CHARACTERS;
  if (limit >= text.length) return text.length;
  const reach = text.slice(begin, limit + 1); // a search through the whole text would make a long one take seconds
  const space = Math.max(reach.lastIndexOf(' '), reach.lastIndexOf('\n'));
  if (space > 0) return begin + space;
  return isLowSurrogate(text.charCodeAt(limit)) ? limit - 1 : limit;
}

const isLowSurrogate = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;
