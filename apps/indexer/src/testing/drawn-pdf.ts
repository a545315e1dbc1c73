import { pdfOfObjects } from './hand-written-pdf.ts';

const WIDTH = 600;
const SIZE = 20;

/**
 * A PDF of one line of glyphs side by side from left to right; a text has one for each character. Each is a box. What it
 * stands for is in a table, as programs write it for scripts that join and turn their letters (ISO 32000-2, 9.6.4, 9.10.3).
 */
export function drawnPdf(
  drawn: string | readonly string[],
  actualText: string | null = null,
  pageEntries = '',
): Buffer {
  const glyphs = Array.from(drawn);
  const codes = glyphs.map((_, at) => (at + 1).toString(16).padStart(2, '0'));
  const table = glyphs.map((text, at) => `<${codes[at]}> <${utf16(text)}>`).join('\n');
  const cmap = `/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /T def /CMapType 2 def
1 begincodespacerange <00> <FF> endcodespacerange
${glyphs.length} beginbfchar\n${table}\nendbfchar endcmap CMapName currentdict /CMap defineresource pop end end`;
  return pdfOfObjects([
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [4 0 R] /Count 1 >>',
    `<< /Type /Font /Subtype /Type3 /FontBBox [0 0 ${WIDTH} ${WIDTH}] /FontMatrix [0.001 0 0 0.001 0 0] /CharProcs << /box 6 0 R >>
/Encoding << /Differences [1 ${glyphs.map(() => '/box').join(' ')}] >> /FirstChar 1 /LastChar ${glyphs.length}
/Widths [${glyphs.map(() => WIDTH).join(' ')}] /Resources << >> /ToUnicode 7 0 R >>`,
    `<< /Type /Page /Parent 2 0 R /Resources << /Font << /F1 3 0 R >> >> /MediaBox [0 0 612 792] /Contents 5 0 R ${pageEntries} >>`,
    streamOf(`BT /F1 ${SIZE} Tf 50 700 Td ${marked(`<${codes.join('')}> Tj`, actualText)} ET`),
    streamOf(`${WIDTH} 0 d0 0 0 ${WIDTH} ${WIDTH} re f`),
    streamOf(cmap),
  ]);
}

const marked = (drawing: string, actualText: string | null): string =>
  actualText === null ? drawing : `/Span << /ActualText <feff${utf16(actualText)}> >> BDC ${drawing} EMC`;
const utf16 = (text: string): string => Buffer.from(text, 'utf16le').swap16().toString('hex');
const streamOf = (content: string): string => `<< /Length ${content.length} >>\nstream\n${content}\nendstream`;
