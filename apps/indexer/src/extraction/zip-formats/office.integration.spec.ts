// Real: child processes, archives that the tests write as word processors do.
import { strToU8, zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sectionsOf } from '../text/sections.ts';
import { MEDIA_TYPES, TestExtractor } from '../../testing/test-extractor.ts';
import type { Extraction } from '../extraction.ts';

let extractor: TestExtractor;
beforeAll(async () => {
  extractor = await TestExtractor.open();
});
afterAll(() => extractor.close());

type Files = Readonly<Record<string, string>>;
const zip = (files: Files): Uint8Array =>
  zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)])));

/** The lines of a document, each behind its chapter. */
const linesOf = (extraction: Extraction): unknown =>
  extraction.kind === 'text'
    ? [...sectionsOf(extraction)].map(({ chapter, text }) => [chapter, text.trim()])
    : extraction;

const relationships = (targets: Files): string =>
  `<Relationships>${Object.entries(targets)
    .map(([kind, target]) => `<Relationship Type="http://purl.oclc.org/ooxml/${kind}" Target="${target}"/>`)
    .join('')}</Relationships>`;
const paragraph = (...runs: string[]): string => `<w:p>${runs.map((run) => `<w:r>${run}</w:r>`).join('')}</w:p>`;
const t = (text: string): string => `<w:t>${text}</w:t>`;

describe('a Word document', () => {
  const read = async (body: string, others: Files = {}, related: Files = {}): Promise<unknown> =>
    linesOf(
      await extractor.extract(
        'docx',
        zip({
          'word/document.xml': `<w:document><w:body>${body}</w:body></w:document>`,
          'word/_rels/document.xml.rels': relationships(related),
          ...others,
        }),
      ),
    );

  test('has footnotes and endnotes, which follow the paragraphs that refer to them', async () => {
    const note = (kind: string, text: string): string =>
      `<w:${kind}s><w:${kind} w:id="0" w:type="separator"><w:p/></w:${kind}><w:${kind} w:id="2">${paragraph(t(text))}</w:${kind}></w:${kind}s>`;
    const body =
      paragraph(t('Two her'), '<w:footnoteReference w:id="2"/>', t('ons wade.')) +
      paragraph(t('They fish.'), '<w:endnoteReference w:id="2"/>');
    const others = { 'word/footnotes.xml': note('footnote', 'Grey ones.'), 'word/e.xml': note('endnote', 'At dawn.') };
    const lines = await read(body, others, { footnotes: 'footnotes.xml', endnotes: '/word/e.xml' });
    expect(lines).toEqual([[null, 'Two herons wade. Grey ones. They fish. At dawn.']]);
  });

  test('has headers and footers', async () => {
    const others = { 'word/header1.xml': `<w:hdr>${paragraph(t('Society of Herons'))}</w:hdr>` };
    expect(await read(paragraph(t('Dear members')), others, { header: 'header1.xml' })).toEqual([
      [null, 'Dear members \nSociety of Herons'],
    ]);
  });

  test('has chapters by the names of its styles, whatever their ids', async () => {
    const styles = `<w:styles><w:style w:styleId="berschrift1"><w:name w:val="heading 1"/></w:style>
      <w:style w:styleId="Kapitel"><w:name w:val="Kapitel"/><w:basedOn w:val="berschrift1"/></w:style></w:styles>`;
    const titled = (style: string, text: string): string =>
      `<w:p><w:pPr>${style}</w:pPr><w:r>${t(text)}</w:r></w:p>${paragraph(t('and so on'))}`;
    const body =
      titled('<w:pStyle w:val="berschrift1"/>', 'Reiher') +
      titled('<w:pStyle w:val="Kapitel"/>', 'Störche') +
      titled('<w:outlineLvl w:val="0"/>', 'Möwen');
    expect(await read(body, { 'word/styles.xml': styles }, { styles: 'styles.xml' })).toEqual([
      ['Reiher', 'Reiher and so on'],
      ['Störche', 'Störche and so on'],
      ['Möwen', 'Möwen and so on'],
    ]);
  });

  test.each([
    ['a tab of a margin', '<w:t>heron</w:t><w:ptab/><w:t>nest</w:t>', 'heron nest'],
    ['a hyphen that breaks no line', '<w:t>mud</w:t><w:noBreakHyphen/><w:t>flat</w:t>', 'mud-flat'],
    ['a hyphen that may break a line', '<w:t>her</w:t><w:softHyphen/><w:t>ons</w:t>', 'herons'],
  ])('has %s', async (_, run, text) => {
    expect(await read(paragraph(run))).toEqual([[null, text]]);
  });

  test('has reading aids, which stand behind the paragraph', async () => {
    const ruby = (base: string, reading: string): string =>
      `<w:ruby><w:rt><w:r>${t(reading)}</w:r></w:rt><w:rubyBase><w:r>${t(base)}</w:r></w:rubyBase></w:ruby>`;
    expect(await read(paragraph(t('庭の'), ruby('青', 'あお'), ruby('鷺', 'さぎ')))).toEqual([
      [null, '庭の青鷺 あおさぎ'],
    ]);
  });

  test('has text boxes, which do not divide the sentence that they are anchored in', async () => {
    const box = `<wps:txbxContent>${paragraph(t('A caption'))}</wps:txbxContent>`;
    expect(await read(paragraph(t('Two her'), box, t('ons')))).toEqual([[null, 'Two herons A caption']]);
  });

  test('has parts by the names and prefixes that its writer chose', async () => {
    const bytes = zip({
      '_rels/.rels': relationships({ officeDocument: '/word/document7.xml', 'core-properties': 'core.psmdcp' }),
      'word/document7.xml': '<x:document><x:body><x:p><x:r><x:t>Two herons</x:t></x:r></x:p></x:body></x:document>',
      'core.psmdcp': '<coreProperties><dc:title>Of Herons</dc:title></coreProperties>',
    });
    expect(await extractor.extract('docx', bytes)).toMatchObject({
      text: 'Two herons ',
      metadata: { title: 'Of Herons' },
    });
  });

  test.each(['document', 'template'])('may be a %s with macros', async (kind) => {
    const bytes = zip({ 'word/document.xml': `<w:document>${paragraph(t('Two herons'))}</w:document>` });
    const mediaType = `application/vnd.ms-word.${kind}.macroenabled.12`;
    expect(await extractor.extractAs(`a.${kind}`, mediaType, bytes)).toMatchObject({ text: 'Two herons ' });
  });

  test('may be protected by a password', async () => {
    const compound = Buffer.concat([
      Buffer.from('d0cf11e0a1b11ae1', 'hex'),
      Buffer.alloc(1_000),
      Buffer.from('EncryptedPackage', 'utf16le'),
    ]);
    const extraction = await extractor.extractAs('locked.docx', MEDIA_TYPES.docx, compound);
    expect(extraction).toMatchObject({ problem: 'the document is protected by a password' });
  });
});

describe('an OpenDocument text', () => {
  const content = (body: string): Files => ({ 'content.xml': `<o:document-content>${body}</o:document-content>` });
  const read = async (body: string, others: Files = {}): Promise<unknown> =>
    linesOf(await extractor.extract('odt', zip({ ...content(body), ...others })));

  test('has notes and captions, which do not divide the sentence that they are anchored in', async () => {
    const note =
      '<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>Grey.</text:p></text:note-body></text:note>';
    const frame = '<draw:frame><svg:title>A drawing</svg:title></draw:frame>';
    expect(await read(`<text:p>Two her${note}ons${frame} wade</text:p>`)).toEqual([
      [null, 'Two herons wade Grey. A drawing'],
    ]);
  });

  test('has headers and footers in its page styles, and nothing else there', async () => {
    const styles = `<o:styles><text:p>no text</text:p><style:header><text:p>Society</text:p></style:header>
      <style:footer-left><text:p>Page <text:page-number>1</text:page-number></text:p></style:footer-left></o:styles>`;
    expect(await read('<text:p>Dear members</text:p>', { 'styles.xml': styles })).toEqual([
      [null, 'Dear members \nSociety Page 1'],
    ]);
  });

  test('has prefixes that its writer chose, and headings without a level', async () => {
    expect(await read('<ns1:h>Herons</ns1:h><ns1:p>two<ns1:tab/>of them</ns1:p>')).toEqual([
      ['Herons', 'Herons two of them'],
    ]);
  });

  test('has reading aids, which stand behind the paragraph', async () => {
    const ruby = '<text:ruby><text:ruby-base>鷺</text:ruby-base><text:ruby-text>さぎ</text:ruby-text></text:ruby>';
    expect(await read(`<text:p>青${ruby}が</text:p>`)).toEqual([[null, '青鷺が さぎ']]);
  });

  test('may be a template', async () => {
    const mediaType = 'application/vnd.oasis.opendocument.text-template';
    const bytes = zip(content('<text:p>Two herons</text:p>'));
    expect(await extractor.extractAs('a.ott', mediaType, bytes)).toMatchObject({ text: 'Two herons ' });
  });

  test('may be protected by a password', async () => {
    const manifest =
      '<m:manifest><m:file-entry m:full-path="content.xml"><m:encryption-data/></m:file-entry></m:manifest>';
    const bytes = zip({ 'content.xml': '\u0001\u0002', 'META-INF/manifest.xml': manifest });
    expect(await extractor.extract('odt', bytes)).toMatchObject({ problem: 'the document is protected by a password' });
  });
});

test('an archive whose list refers to bytes beyond its end is a problem, and its reader asks for none of them', async () => {
  const bytes = Buffer.from(zip({ 'word/document.xml': '<w:document/>' }));
  const entry = bytes.indexOf('PK\u0001\u0002', 0, 'latin1');
  for (const lengthAt of [28, 30, 32]) bytes.writeUInt16LE(0xff_ff, entry + lengthAt);
  expect(await extractor.extract('docx', bytes)).toMatchObject({
    problem: "it can't be unpacked: it refers to bytes beyond its end",
  });
});
