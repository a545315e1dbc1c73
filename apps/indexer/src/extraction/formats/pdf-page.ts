import type { getDocumentProxy } from 'unpdf';
import { partsNoteNumber } from '../text/note-numbers.ts';
import { withLettersTogether } from '../text/spaced-letters.ts';

export type PdfDocument = Awaited<ReturnType<typeof getDocumentProxy>>;
type PdfPage = Awaited<ReturnType<PdfDocument['getPage']>>;
type TextItem = Extract<Awaited<ReturnType<PdfPage['getTextContent']>>['items'][number], { str: string }>;

/** Raised and smaller by this, a number is that of a note. */
const RAISED_SIZE = 0.86;
/** Text is drawn twice, so little apart, to look bold. */
const BOLD_SHIFT = 0.1;
/** So many items back a text may be drawn again. */
const REMEMBERED_ITEMS = 200;

/** What stands on a page. */
export interface PageText {
  readonly drawn: string;
  /** What was typed on it: values of forms and text boxes. */
  readonly typed: readonly string[];
}

/** The text of a page with pdf.js. */
export async function textOfPage(page: PdfPage): Promise<PageText> {
  const { items } = await page.getTextContent();
  const typed = await typedOn(page);
  page.cleanup();
  return { drawn: withLettersTogether(textOf(items.filter((item) => 'str' in item))), typed };
}

function textOf(items: readonly TextItem[]): string {
  const pieces: string[] = [];
  const blanks = new Map<string, number>();
  const drawn: TextItem[] = [];
  let before: TextItem | null = null;
  for (const item of items) {
    const isBlank = item.str.trim() === '';
    if (!isBlank && drawn.some((other) => isDrawnAgain(other, item))) continue;
    const place = placeOf(item).map(Math.round).join();
    const gap = isBlank ? undefined : blanks.get(place);
    blanks.delete(place);
    if (gap !== undefined && gap < pieces.length - 1) {
      pieces[gap] = item.str; // LibreOffice draws a ligature after its line, into a gap that it left
      continue;
    }
    if (isBlank && item.str !== '') blanks.set(place, pieces.length);
    pieces.push(before !== null && isNote(before, item) ? ` ${item.str} ` : item.str);
    if (item.hasEOL) pieces.push('\n');
    if (isBlank) continue;
    before = item;
    drawn.push(item);
    if (drawn.length > REMEMBERED_ITEMS) drawn.shift();
  }
  return pieces.join('');
}

const isNote = (before: TextItem, item: TextItem): boolean =>
  isRaised(before, item) && partsNoteNumber(before.str, item.str);

const placeOf = ({ transform }: TextItem): readonly [number, number] => [Number(transform[4]), Number(transform[5])];

function isDrawnAgain(one: TextItem, other: TextItem): boolean {
  if (one.str !== other.str || one.height !== other.height || one.height === 0) return false;
  const [[x, y], [otherX, otherY]] = [placeOf(one), placeOf(other)];
  return Math.max(Math.abs(x - otherX), Math.abs(y - otherY)) < one.height * BOLD_SHIFT;
}

function isRaised(before: TextItem, item: TextItem): boolean {
  return item.height > 0 && item.height <= before.height * RAISED_SIZE && placeOf(item)[1] > placeOf(before)[1];
}

/** It is hidden, or not shown on screens (ISO 32000-2, table 167). */
const NOT_SHOWN = 0b10_0010;

/** An annotation as far as it is used (ISO 32000-2, sections 12.5.6.6 and 12.7). */
interface Annotation {
  readonly subtype?: string;
  readonly fieldType?: string | null;
  readonly fieldValue?: unknown;
  readonly password?: boolean;
  readonly annotationFlags?: number;
  readonly contentsObj?: { readonly str?: string };
}

async function typedOn(page: PdfPage): Promise<string[]> {
  const annotations = (await page.getAnnotations().catch(() => [])) as Annotation[];
  return annotations.flatMap(({ subtype, fieldType, fieldValue, password, annotationFlags, contentsObj }) => {
    if (annotationFlags && annotationFlags & NOT_SHOWN) return [];
    if (subtype === 'FreeText') return contentsObj?.str ?? [];
    const isText = subtype === 'Widget' && (fieldType === 'Tx' || fieldType === 'Ch') && !password;
    return isText ? [fieldValue].flat().filter((value) => typeof value === 'string') : [];
  });
}
