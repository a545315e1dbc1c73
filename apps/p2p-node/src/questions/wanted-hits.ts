import type { SearchFilters, SearchHit } from '@allibrary/contracts';

/** Whether a hit matches the filters of the search: a peer may ignore them or lie. */
export function isWanted({ mediaType, language, year, sizeBytes }: SearchHit, filters: SearchFilters): boolean {
  const { mediaTypes, languages } = filters;
  return (
    (mediaTypes.length === 0 || mediaTypes.includes(mediaType)) &&
    (languages.length === 0 || (language !== null && languages.includes(language))) &&
    isWithin(year, filters.yearFrom, filters.yearTo) &&
    isWithin(sizeBytes, filters.minSizeBytes, filters.maxSizeBytes)
  );
}

function isWithin(value: number | null, from: number | null, to: number | null): boolean {
  if (from === null && to === null) return true;
  return value !== null && value >= (from ?? value) && value <= (to ?? value);
}
