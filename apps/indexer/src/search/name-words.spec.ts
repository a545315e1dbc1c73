import { expect, test } from 'vitest';
import { searchableName } from './name-words.ts';

test.each([
  ['annual_report-2024.pdf', 'annual_report-2024.pdf'],
  ['annualReport.pdf', 'annualReport.pdf annual Report.pdf'],
  ['PDFGuide.html', 'PDFGuide.html PDF Guide.html'],
  ['report2024b.txt', 'report2024b.txt report 2024 b.txt'],
  ['výročníZpráva.txt', 'výročníZpráva.txt výroční Zpráva.txt'],
])('%s is indexed as %s', (name, indexed) => {
  expect(searchableName(name)).toBe(indexed);
});
