import { withWholeWords } from './divided-words.ts';
import { withNotesApart } from './note-numbers.ts';
import type { Section } from './sections.ts';
import { withoutInvisible } from './visible-text.ts';

/** The sections of a document as they are read and searched: words are whole, whatever their format put into them. */
export const readable = (sections: readonly Section[]): Section[] =>
  withWholeWords(sections).map((section) => ({ ...section, text: withNotesApart(withoutInvisible(section.text)) }));
