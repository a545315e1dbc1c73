import { BETWEEN_SECTIONS, type Section } from './sections.ts';
import type { Statement } from '../description/metadata.ts';
import type { ReadText } from '../extraction.ts';

/** More divisions than any book has pages; the rest of a document that has more belongs to the last. */
const MAX_SECTIONS = 20_000;

/** Collects the sections of a document until as much text is there as is wanted. */
export class SectionList {
  readonly #sections: Section[] = [];
  #room: number;

  constructor(maxCharacters: number) {
    this.#room = maxCharacters;
  }

  /** Whether more text would be left out. */
  get isFull(): boolean {
    return this.#room < 0;
  }

  /** How many characters are still wanted. */
  get room(): number {
    return Math.max(0, this.#room);
  }

  /** Takes a section, or the beginning of it; what comes when the list is full is left out. */
  add(section: Section): void {
    if (this.isFull) return;
    const last = this.#sections.at(-1);
    if (last) this.#room -= BETWEEN_SECTIONS.length;
    const text = section.text.slice(0, this.room);
    this.#room -= section.text.length;
    if (last && this.#sections.length === MAX_SECTIONS) {
      this.#sections[MAX_SECTIONS - 1] = { ...last, text: last.text + BETWEEN_SECTIONS + text };
    } else {
      this.#sections.push({ ...section, text });
    }
  }

  /** Whether no section holds more than white space. */
  get isBlank(): boolean {
    return this.#sections.every(({ text }) => !text.trim());
  }

  /** What has been collected of a document that says this of itself. */
  read(statements: readonly Statement[]): ReadText {
    return { sections: this.#sections, statements, truncated: this.isFull };
  }
}
