import { getDocumentProxy } from 'unpdf';
import { type Statement, type Term, metadataOf } from '../description/metadata.ts';
import { type ReadText, UnreadableText } from '../extraction.ts';
import { type PageText, type PdfDocument, textOfPage } from './pdf-page.ts';
import { type DrawablePdf, withPdfium } from './pdfium.ts';
import { SectionList } from '../text/section-list.ts';
import { hasLooseLigature, pagesOfPdfText, recognisedPages } from './pdf-text.ts';
import type { SourceFile } from '../child/source-file.ts';
import { statementsOfXmp } from '../description/xmp.ts';

const INFORMATION: Readonly<Record<string, Term>> = {
  Title: 'title',
  Author: 'creator',
  Subject: 'subject',
  Keywords: 'subject',
  CreationDate: 'date',
  Language: 'language',
};

/** A page with fewer letters is looked at with OCR. */
const SPARSE_LETTERS = 200;
/** Scripts that PDFium reads better: it orders and composes their letters. Hebrew is read better by pdf.js. */
const SCRIPTS_OF_PDFIUM =
  /[\p{sc=Arab}\p{sc=Syrc}\p{sc=Deva}\p{sc=Beng}\p{sc=Guru}\p{sc=Gujr}\p{sc=Orya}\p{sc=Taml}\p{sc=Telu}\p{sc=Knda}\p{sc=Mlym}\p{sc=Sinh}\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}]/u;

/** What other programs have read of a PDF; null for each that has not read it. */
export interface PdfSources {
  /** As `pdftotext` writes it. */
  readonly text: SourceFile | null;
  /** The pages that OCR has read. */
  readonly recognised: SourceFile | null;
}

/** Reads a PDF from the text of `pdftotext`, or page by page: all pages at once took 658 MB for a thousand. */
export async function readPdf(file: SourceFile, maxCharacters: number, sources: PdfSources): Promise<ReadText> {
  const bytes = await file.readStart(file.sizeBytes);
  const xmp = statementsOfXmp(bytes); // pdf.js takes the bytes away
  const pages = sources.text && pagesOfPdfText(await contentOf(sources.text));
  const recognised = recognisedPages(sources.recognised && (await contentOf(sources.recognised)));
  const document = await openPdf(bytes).catch((error: unknown) => {
    if (!pages) throw error;
    return null; // poppler repairs more
  });
  try {
    const statements = withXmp(document ? await readInformation(document) : [], xmp);
    const reading = { maxCharacters, statements, recognised };
    if (document === null) return readTexts(pages ?? [], reading);
    const texts = pages ? await withLigatures(pages, document) : await readPages(file, document, maxCharacters);
    return readTexts(texts, reading);
  } finally {
    await document?.loadingTask.destroy();
  }
}

const contentOf = (file: SourceFile): Promise<Buffer> => file.readStart(file.sizeBytes);

interface PdfReading {
  readonly maxCharacters: number;
  readonly statements: readonly Statement[];
  /** The texts that OCR has found, by the numbers of their pages. */
  readonly recognised: ReadonlyMap<number, string>;
}

function readTexts(texts: readonly string[], { maxCharacters, statements, recognised }: PdfReading): ReadText {
  const sections = new SectionList(maxCharacters);
  for (const [at, drawn] of texts.entries()) {
    const text = [drawn, recognised.get(at + 1) ?? ''].filter(Boolean).join('\n');
    sections.add({ page: at + 1, chapter: null, text });
  }
  const sparsePages = texts.flatMap((text, at) => (isSparse(text) && !recognised.has(at + 1) ? at + 1 : []));
  if (!sections.isBlank) return { ...sections.read(statements), sparsePages };
  if (sparsePages.length > 0)
    throw new UnreadableText('the PDF holds no text, only images, and OCR is off', {
      ...{ statements, code: 'ocr-off', picturePages: sparsePages },
    });
  throw new UnreadableText('the PDF holds only images, and OCR found no text in them', { statements });
}

/** LibreOffice draws ligatures behind their line, into gaps that it left. Only pdf.js shows where they belong. */
async function withLigatures(pages: readonly string[], document: PdfDocument): Promise<string[]> {
  const whole = [...pages];
  for (const [at, text] of pages.entries()) {
    if (!hasLooseLigature(text) || at >= document.numPages) continue;
    const { drawn, typed } = await document.getPage(at + 1).then(textOfPage, () => ({ drawn: text, typed: [] }));
    whole[at] = [drawn, ...typed].join('\n');
  }
  return whole;
}

async function readPages(file: SourceFile, document: PdfDocument, maxCharacters: number): Promise<string[]> {
  const pages: (PageText | null)[] = [];
  let characters = 0;
  for (let page = 1; page <= document.numPages && characters <= maxCharacters; page++) {
    const text = await document.getPage(page).then(textOfPage, () => null);
    pages.push(text);
    characters += text?.drawn.length ?? 0;
  }
  const drawn = pages.map((page) => page?.drawn ?? null);
  const isReadWorse = drawn.some((text) => text === null || SCRIPTS_OF_PDFIUM.test(text));
  const better = isReadWorse ? await readAgain(file, drawn) : drawn;
  return better.map((text, at) => [text ?? '', ...(pages[at]?.typed ?? [])].join('\n'));
}

/** A stamp, a page number or a library's notice does not make a scanned page a text. */
const isSparse = (text: string): boolean => (text.match(/\p{L}/gu)?.length ?? 0) < SPARSE_LETTERS;

/** Reads the pages with PDFium that pdf.js could not read, or reads worse; what PDFium can't read stays. */
const readAgain = (file: SourceFile, texts: readonly (string | null)[]): Promise<(string | null)[]> =>
  withPdfium(file, async (pdf) => {
    const isBroken = texts.includes(null); // pdf.js counts no pages behind a broken one
    const pages = isBroken ? Math.max(pdf.getPageCount(), texts.length) : texts.length;
    return Array.from({ length: pages }, (_, at) => {
      const text = texts[at] ?? null;
      return text !== null && !SCRIPTS_OF_PDFIUM.test(text) ? text : (textWithPdfium(pdf, at) ?? text);
    });
  }).catch(() => [...texts]);

function textWithPdfium(pdf: DrawablePdf, page: number): string | null {
  try {
    return pdf.getPage(page).getText();
  } catch {
    return null;
  }
}

/** The information dictionary (ISO 32000-2, section 14.3.3); a damaged one says nothing. */
async function readInformation(document: PdfDocument): Promise<Statement[]> {
  const { info } = await document.getMetadata().catch(() => ({ info: {} }));
  return Object.entries(info).flatMap(([name, value]) => {
    const term = INFORMATION[name];
    return term && typeof value === 'string' ? { term, value } : [];
  });
}

/** Adds what the metadata packet says where the dictionary is silent. */
function withXmp(information: readonly Statement[], xmp: readonly Statement[]): Statement[] {
  const hasCreators = metadataOf(information).creators.length > 0;
  return [...information, ...xmp.filter(({ term }) => term !== 'creator' || !hasCreators)];
}

async function openPdf(bytes: Buffer): Promise<PdfDocument> {
  try {
    const data = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    return await getDocumentProxy(data, { verbosity: 0, useSystemFonts: false });
  } catch (error) {
    throw new UnreadableText(describe(error), { cause: error });
  }
}

function describe(error: unknown): string {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  if (name === 'PasswordException') return 'the PDF is protected by a password';
  return `the PDF is damaged or no PDF at all (${message})`;
}
