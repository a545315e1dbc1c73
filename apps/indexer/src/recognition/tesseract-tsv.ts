/** The level of a word among the rows of Tesseract's table. */
const WORD = '5';
const COLUMNS = 12;

/** What Tesseract reads on a page, and how sure it is: 0 to 100. */
export interface PageReading {
  readonly text: string;
  readonly confidence: number;
}

/** Reads Tesseract's table (`tsv`): a row for each word, with its block, paragraph and line. */
export function readingOf(table: string): PageReading {
  const lines = new Map<string, string[]>();
  let [sum, words] = [0, 0];
  for (const row of table.split('\n')) {
    const [level, page, block, paragraph, line, , , , , , confidence, ...text] = row.split('\t', COLUMNS);
    const word = text.join('\t').trim();
    if (level !== WORD || word === '') continue;
    const place = [page, block, paragraph, line].join();
    lines.set(place, [...(lines.get(place) ?? []), word]);
    sum += Number(confidence);
    words += 1;
  }
  const text = [...lines.values()].map((each) => each.join(' ')).join('\n');
  return { text, confidence: words === 0 ? 0 : sum / words };
}
