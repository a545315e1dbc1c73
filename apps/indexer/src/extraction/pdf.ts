import { getDocumentProxy } from 'unpdf';
import type { Statement, Term } from '../domain/metadata.ts';
import { OCR_IS_OFF } from '../domain/text-format.ts';
import { type ReadText, UnreadableText } from './extraction.ts';
import { SectionList } from './section-list.ts';
import type { SourceFile } from './source-file.ts';

const INFORMATION: Readonly<Record<string, Term>> = {
  Title: 'title',
  Author: 'creator',
  Subject: 'subject',
  Keywords: 'subject',
  CreationDate: 'date',
  Language: 'language',
};

type PdfDocument = Awaited<ReturnType<typeof getDocumentProxy>>;

/** Reads a PDF page by page: all pages at once took 658 MB for a book of a thousand pages. */
export async function readPdf(file: SourceFile, maxCharacters: number): Promise<ReadText> {
  const document = await openPdf(await file.readStart(file.sizeBytes));
  try {
    return await readPages(document, maxCharacters);
  } finally {
    await document.loadingTask.destroy();
  }
}

async function readPages(document: PdfDocument, maxCharacters: number): Promise<ReadText> {
  const pages = new SectionList(maxCharacters);
  for (let page = 1; page <= document.numPages && !pages.isFull; page++) {
    pages.add({ page, chapter: null, text: await readPage(document, page) });
  }
  const statements = await readInformation(document);
  if (pages.isBlank)
    throw new UnreadableText(`the PDF holds no text, only images, and ${OCR_IS_OFF}`, { statements, isScan: true });
  return pages.read(statements);
}

/** The information dictionary (ISO 32000-2, section 14.3.3); a damaged one says nothing. */
async function readInformation(document: PdfDocument): Promise<Statement[]> {
  const { info } = await document.getMetadata().catch(() => ({ info: {} }));
  return Object.entries(info).flatMap(([name, value]) => {
    const term = INFORMATION[name];
    return term && typeof value === 'string' ? { term, value } : [];
  });
}

async function readPage(document: PdfDocument, number: number): Promise<string> {
  const page = await document.getPage(number);
  const { items } = await page.getTextContent();
  page.cleanup();
  return items.map((item) => ('str' in item ? item.str + (item.hasEOL ? '\n' : '') : '')).join('');
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
