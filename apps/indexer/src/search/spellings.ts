import { ASCII, WORD, fold } from '../extraction/text/words.ts';
import { withoutInvisible } from '../extraction/text/visible-text.ts';

/** A word as it is written, without case. */
export const writtenForm = (word: string): string => withoutInvisible(word).normalize('NFC').toLowerCase();

/** Collects the words of a document, folded, and the written form of those that folding changes. */
export class WordCollector {
  /** A text repeats its words, and folding is most of the work. */
  readonly #forms = new Map<string, { readonly folded: string; readonly written: string }>();
  readonly #plain = new Set<string>();
  readonly #variants = new Map<string, Set<string>>();

  /** Adds the words of a text; returns them folded, each once. */
  add(text: string): Set<string> {
    const words = new Set<string>();
    for (const [word] of text.matchAll(WORD)) {
      const { folded, written } = this.#formsOf(word);
      words.add(folded);
      if (folded === written) this.#plain.add(folded);
      else this.#variants.set(folded, (this.#variants.get(folded) ?? new Set()).add(written));
    }
    return words;
  }

  /** Written forms that differ from their folded form, by the folded form. */
  get variants(): ReadonlyMap<string, ReadonlySet<string>> {
    return this.#variants;
  }

  /** Written forms that differ from their folded form, and the folded ones that are also written so. */
  get spellings(): string[] {
    return [...this.#variants].flatMap(([folded, written]) => [
      ...written,
      ...(this.#plain.has(folded) ? [folded] : []),
    ]);
  }

  #formsOf(word: string) {
    const known = this.#forms.get(word);
    if (known) return known;
    const folded = fold(word);
    const forms = { folded, written: ASCII.test(word) ? folded : writtenForm(word) };
    this.#forms.set(word, forms);
    return forms;
  }
}
