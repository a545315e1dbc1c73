// Real: pdf.js and PDFium in an extraction child, and `pdftotext` where it is installed; PDFs that the test writes.
import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import PdfDocument from 'pdfkit';
import { tempFolder } from '@allibrary/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PdfToText } from '../programs/pdf-to-text.ts';
import { findProgram } from '../programs/program.ts';
import { sectionsOf } from '../text/sections.ts';
import { drawnPdf } from '../../testing/drawn-pdf.ts';
import { pdfOf } from '../../testing/hand-written-pdf.ts';
import { TEST_LIMITS, TestExtractor } from '../../testing/test-extractor.ts';

const POPPLER = findProgram('pdftotext', undefined);
const READERS = [
  { name: 'the built-in readers', program: null },
  ...(POPPLER ? [{ name: 'poppler', program: POPPLER }] : []),
];

describe.each(READERS)('with $name', ({ program }) => {
  let folder: Awaited<ReturnType<typeof tempFolder>>;
  let extractor: TestExtractor;
  beforeAll(async () => {
    folder = await tempFolder();
    extractor = await TestExtractor.open({ pdfToText: program && new PdfToText(program, TEST_LIMITS, folder.path) });
  });
  afterAll(async () => {
    await extractor.close();
    await folder.remove();
  });

  const textOf = async (bytes: Uint8Array): Promise<unknown> => {
    const extraction = await extractor.extract('pdf', bytes);
    return extraction.kind === 'text' ? extraction.text.replaceAll(/\s+/gu, ' ').trim() : extraction;
  };

  test('a PDF is read page by page, up to the limit', async () => {
    const pdf = pdfOf('the grey heron', 'a second page');
    const found = await extractor.extract('pdf', pdf);
    expect(found).toMatchObject({ kind: 'text', words: 6, truncated: false });
    expect(found).toMatchObject({ text: expect.stringMatching(/the grey heron\s+a second page/) });
    const limits = { ...TEST_LIMITS, maxCharacters: 8 };
    const limited = await TestExtractor.open({
      ...limits,
      pdfToText: program && new PdfToText(program, limits, folder.path),
    });
    expect(await limited.extract('pdf', pdf)).toMatchObject({ text: 'the grey', truncated: true });
    await limited.close();
  });

  test.each([
    ['that is cut off', pdfOf('the grey heron').subarray(0, 200), /damaged/],
    ['without text', pdfOf(''), /no text/],
    ['that is random bytes', randomBytes(10_000), /damaged or no PDF/],
    [
      'with random bytes behind its first line',
      Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes(10_000)]),
      /damaged/,
    ],
    ['that is empty', Buffer.of(), /damaged or no PDF/],
  ])('a PDF %s is a problem', async (_, bytes, problem) => {
    expect(await extractor.extract('pdf', bytes)).toMatchObject({
      kind: 'problem',
      problem: expect.stringMatching(problem),
    });
  });

  test.each([
    ['a heading in spaced letters', 'G R E Y H E R O N S', 'GREYHERONS'],
    // In the order of drawing, poppler hides no repetition, and does not tell what is raised: both spellings are there.
    [
      'text that is drawn twice to look bold',
      'Two herons) Tj 0.4 0 Td (Two herons',
      program ? 'Two herons Two herons' : 'Two herons',
    ],
    [
      'a raised number of a note',
      'Two herons) Tj /F1 7 Tf 5 Ts (12) Tj /F1 12 Tf 0 Ts ( wade',
      program ? 'Two herons12 wade herons' : 'Two herons 12 wade',
    ],
    ['an exponent', 'Of 20 km) Tj /F1 7 Tf 5 Ts (2', 'Of 20 km2'],
    [
      'a ligature that is drawn last',
      'An o) Tj ET BT /F1 12 Tf 60 700 Td (ce of herons) Tj ET BT /F1 12 Tf 44.68 700 Td (ffi',
      'An office of herons',
    ],
    ['a divided word', 'Two her-) Tj 0 -14 Td (ons wade', 'Two herons wade her-ons'],
  ])('%s does not spoil its words', async (_, content, text) => {
    expect(await textOf(pdfOf(content))).toBe(text);
  });

  test.each<[string, string | string[], string | null, string]>([
    ['Arabic', 'باتكلا', null, 'الكتاب'],
    ['the shapes of Arabic letters', ['\uFEE2', '\uFEFC', '\uFEB3'], null, 'سلام'],
    ['Persian', 'هناخباتک', null, 'کتابخانه'],
    ['Hebrew', 'רפס', null, 'ספר'],
    ['Hindi', ['ि', 'क', 'त', 'ा', 'ब'], 'किताब', 'किताब'],
    ['Bengali', ['ি', 'ত', 'ব'], 'তিব', 'তিব'],
    ['Tamil', ['ெ', 'ப', 'ண'], 'பெண', 'பெண'],
    ['Thai', 'น้าตก', 'น้ำตก', 'น้ำตก'],
  ])('%s is read as it is written, however it is drawn', async (_, glyphs, actualText, text) => {
    expect(await textOf(drawnPdf(glyphs, actualText))).toBe(text);
  });

  test('many such documents in a row are all read', async () => {
    const pdf = drawnPdf('باتكلا');
    for (let n = 0; n < 40; n++) expect(await textOf(pdf)).toBe('الكتاب');
  });

  test.each([
    ['Latin', 'Two', 'Two'],
    ['Arabic', 'باتكلا', 'الكتاب'],
  ])('what was typed into a text box is read on a page in %s', async (_, glyphs, text) => {
    const box =
      '<< /Type /Annot /Subtype /FreeText /Rect [50 600 300 640] /DA (/Helv 12 Tf 0 g) /Contents (a heron) >>';
    const hidden =
      '<< /Type /Annot /Subtype /FreeText /F 2 /Rect [50 500 300 540] /DA (/Helv 12 Tf 0 g) /Contents (secret) >>';
    expect(await textOf(drawnPdf(glyphs, null, `/Annots [${box} ${hidden}]`))).toBe(`${text} a heron`);
  });

  test('what was typed into a form is read', async () => {
    const pdf = new PdfDocument();
    pdf.font('Helvetica').text('Name').initForm();
    pdf.formText('name', 10, 60, 200, 20, { value: 'Philippa Heron' });
    pdf.formText('word', 10, 90, 200, 20, { value: 'secret', password: true });
    pdf.end();
    // poppler reads what is shown of a password.
    expect(await textOf(await buffer(pdf))).toMatch(/^Name Philippa Heron(?: \*{6})?$/u);
  });

  test('a page that is broken does not cost the others', async () => {
    const bytes = pdfOf('First heron', 'Second heron', 'Third heron').toString('latin1');
    const broken = bytes.replace('6 0 obj\n<< /Type /Page /', '6 0 obj\n<< /Type /Nope /');
    expect(broken).not.toBe(bytes);
    const extraction = await extractor.extract('pdf', Buffer.from(broken, 'latin1'));
    const pages =
      extraction.kind === 'text' ? [...sectionsOf(extraction)].map(({ page, text }) => [page, text.trim()]) : [];
    expect(pages).toEqual(
      expect.arrayContaining([
        [1, 'First heron'],
        [3, 'Third heron'],
      ]),
    );
  });

  const packet = (properties: string, attributes = ''): Buffer =>
    Buffer.from(`<rdf:RDF><rdf:Description ${attributes}>${properties}</rdf:Description></rdf:RDF>`);

  test.each([
    [
      'elements',
      packet(
        `<dc:title><rdf:Alt><rdf:li xml:lang="de">Reiher</rdf:li><rdf:li xml:lang="x-default">Of herons</rdf:li></rdf:Alt></dc:title>
       <dc:creator><rdf:Seq><rdf:li>Ann Reed</rdf:li><rdf:li>Bo Lake</rdf:li></rdf:Seq></dc:creator><xmp:CreateDate>1998-07-01</xmp:CreateDate>`,
      ),
      { title: 'Of herons', creators: ['Ann Reed', 'Bo Lake'], year: 1998 },
    ],
    ['attributes', packet('', 'pdf:Keywords="reeds" xmp:CreateDate="1998-07-01"'), { subjects: ['reeds'], year: 1998 }],
  ])('metadata is read from a packet with %s', async (_, xmp, metadata) => {
    const extraction = await extractor.extract('pdf', Buffer.concat([pdfOf('Two herons'), xmp]));
    expect(extraction).toMatchObject({ metadata });
  });
});
