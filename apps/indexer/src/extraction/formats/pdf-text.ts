import { withBareWords } from '../text/note-numbers.ts';
import { withLettersTogether } from '../text/spaced-letters.ts';

/** A line of ligatures alone, which belong into the words before it. */
const LOOSE_LIGATURE = /^(?:(?:f(?:f[ilt]?|[ilt])|tt|ti)(?: |$))+$/mu;

/** Ligatures, and Arabic letters by their shapes. */
const SHAPES = /[\uFB00-\uFB06\uFB50-\uFDFF\uFE70-\uFEFC]+/gu;

/** The pages of a PDF as `pdftotext` writes them: a form feed ends each. */
export function pagesOfPdfText(bytes: Buffer): string[] {
  const pages = bytes.toString('utf8').split('\f');
  if (pages.at(-1) === '') pages.pop();
  return pages.map((page) =>
    withBareWords(withLettersTogether(page.replaceAll(SHAPES, (letters) => letters.normalize('NFKC')))),
  );
}

/** Whether ligatures stand behind the line that they belong to. */
export const hasLooseLigature = (page: string): boolean => LOOSE_LIGATURE.test(page);

/** The pages that OCR has read, a line of JSON for each. A line that a crash has cut off is ignored. */
export function recognisedPages(lines: Buffer | null): Map<number, string> {
  const pages = new Map<number, string>();
  for (const line of lines?.toString('utf8').split('\n') ?? []) {
    const { page, text } = parsed(line);
    if (typeof page === 'number' && typeof text === 'string') pages.set(page, text);
  }
  return pages;
}

function parsed(line: string): { readonly page?: unknown; readonly text?: unknown } {
  try {
    return (JSON.parse(line) as object | null) ?? {};
  } catch {
    return {};
  }
}
