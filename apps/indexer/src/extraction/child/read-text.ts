import { type TextFormat, formatOfLetters, textFormatOf } from '../text-format.ts';
import { readable } from '../text/readable-text.ts';
import { type Question, type ReadText, UnreadableText } from '../extraction.ts';
import type { PdfSources } from '../formats/pdf.ts';
import { isInLetters } from './media-type.ts';
import { SectionList } from '../text/section-list.ts';
import { FileChanged, type SourceFile } from './source-file.ts';

type Reader = (file: SourceFile, maxCharacters: number, pdf: PdfSources) => Promise<ReadText>;

/** Loaded when first needed: most of the memory of an idle child would be the PDF reader. */
const READERS: Record<Exclude<TextFormat, 'picture'>, () => Promise<Reader>> = {
  plain: async () => (await import('../formats/plain-text.ts')).readPlainText,
  markdown: async () => (await import('../formats/markdown.ts')).readMarkdown,
  html: async () => (await import('../formats/html.ts')).readHtml,
  xml: async () => (await import('../formats/xml.ts')).readXml,
  json: async () => (await import('../formats/json.ts')).readJson,
  tex: async () => (await import('../formats/tex.ts')).readTex,
  subtitles: async () => (await import('../formats/subtitles.ts')).readSubtitles,
  rtf: async () => (await import('../formats/rtf.ts')).readRtf,
  mail: async () => (await import('../formats/mail.ts')).readMail,
  pdf: async () => (await import('../formats/pdf.ts')).readPdf,
  epub: async () => (await import('../zip-formats/epub.ts')).readEpub,
  docx: async () => (await import('../zip-formats/docx.ts')).readDocx,
  odt: async () => (await import('../zip-formats/odt.ts')).readOdt,
};

/** What reading a text takes beside the file. */
export interface Reading extends Pick<Question, 'maxCharacters' | 'ocr'> {
  /** By the file's bytes. */
  readonly mediaType: string;
  readonly pdf: PdfSources;
  /** Called before OCR starts, which takes long. */
  readonly onRecognising: () => Promise<void>;
}

/** Reads the text of a file with its divided words joined; throws {@link UnreadableText} when there is none. */
export async function readText(file: SourceFile, reading: Reading): Promise<ReadText> {
  const read = await readAsWritten(file, reading);
  const sections = new SectionList(reading.maxCharacters); // both spellings of a word take more room than one
  for (const section of readable(read.sections)) sections.add(section);
  const { truncated, ...whole } = sections.read(read.statements);
  return { ...whole, truncated: truncated || read.truncated, picturePages: read.picturePages ?? [] };
}

async function readAsWritten(file: SourceFile, reading: Reading): Promise<ReadText> {
  const { mediaType, pdf, maxCharacters, ocr, onRecognising } = reading;
  const format = textFormatOf(mediaType) ?? ((await isInLetters(file)) ? formatOfLetters(mediaType) : null);
  if (format === null) throw new UnreadableText(`no text is extracted from ${mediaType} yet`);
  if (format === 'picture') {
    if (!ocr) throw new UnreadableText(`${mediaType} is a picture, and OCR is off`, { code: 'ocr-off' });
    await onRecognising();
    const { recognisePicture } = await import('../ocr/scans.ts');
    return recognisePicture(file, maxCharacters, ocr);
  }
  const readFormat = await READERS[format]();
  try {
    const read = await readFormat(file, maxCharacters, pdf);
    if (!read.sparsePages?.length) return read;
    if (!ocr?.isForPdfs) {
      const { picturePagesAmong } = await import('../formats/pdfium.ts');
      return { ...read, picturePages: await picturePagesAmong(file, read.sparsePages) };
    }
    const { recogniseSparsePages } = await import('../ocr/scans.ts');
    // What is there in letters must not be lost with the pictures.
    const keepLetters = (error: unknown): ReadText => {
      if (error instanceof FileChanged) throw error;
      return read;
    };
    return await recogniseSparsePages(file, read, { maxCharacters, limits: ocr }, onRecognising).catch(keepLetters);
  } catch (error) {
    if (!ocr || !(error instanceof UnreadableText) || error.code !== 'ocr-off') throw error;
    if (!ocr.isForPdfs)
      throw new UnreadableText('the PDF holds no text, only images, and OCR has not read them yet', error);
    await onRecognising();
    const { recognisePdf } = await import('../ocr/scans.ts');
    return recognisePdf(file, { maxCharacters, statements: error.statements, limits: ocr });
  }
}
