import { SearchFilters, SearchHit } from '@allibrary/contracts';
import { expect, test } from 'vitest';
import { isWanted } from './wanted-hits.ts';

const hit = SearchHit.parse({
  documentId: `bafkrei${'a'.repeat(52)}`,
  name: 'herons.pdf',
  sizeBytes: 1_000,
  mediaType: 'application/pdf',
  year: 1998,
  language: 'en',
  snippet: null,
  score: 1,
});
const bare = { ...hit, year: null, language: null };

test.each([
  [{}, true, true],
  [{ mediaTypes: ['text/plain', 'application/pdf'] }, true, true],
  [{ mediaTypes: ['text/plain'] }, false, false],
  [{ languages: ['de', 'en'] }, true, false],
  [{ languages: ['de'] }, false, false],
  [{ yearFrom: 1998 }, true, false],
  [{ yearFrom: 1999 }, false, false],
  [{ yearFrom: 1990, yearTo: 1998 }, true, false],
  [{ yearTo: 1997 }, false, false],
  [{ minSizeBytes: 1_000 }, true, true],
  [{ minSizeBytes: 1_001 }, false, false],
  [{ maxSizeBytes: 999 }, false, false],
])('with the filters %j a hit is wanted: %s, one that says nothing of itself: %s', (filters, wanted, bareIsWanted) => {
  expect(isWanted(hit, SearchFilters.parse(filters))).toBe(wanted);
  expect(isWanted(bare, SearchFilters.parse(filters))).toBe(bareIsWanted);
});
