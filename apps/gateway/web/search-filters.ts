import type { SearchFacets } from '@allibrary/contracts';
import { byId, element } from './element.ts';
import { languageName, typeName } from './format.ts';

/** What a user wants of what is found: kinds of documents, and an order. The fields are named as the API names them. */
export class SearchFilters {
  readonly #form = byId('search-form', HTMLFormElement);

  constructor(onChange: () => void) {
    byId('search-filters', HTMLDetailsElement).addEventListener('change', () => {
      if (this.#form.reportValidity()) onChange();
    });
  }

  /** The parameters of a search; a field that is left open is none. */
  get parameters(): Record<string, string> {
    const fields = [...new FormData(this.#form)];
    return Object.fromEntries(
      fields.flatMap(([name, value]) => (value && typeof value === 'string' ? [[name, value]] : [])),
    );
  }

  /** Offers the kinds that were found, with how many there are of each. */
  offer({ mediaTypes, languages, collections }: SearchFacets): void {
    offer('search-type', mediaTypes, typeName);
    offer('search-language', languages, languageName);
    offer('search-collection', collections, (id) => id);
  }
}

/** Fills a choice, behind its first option, which is any. Once one is chosen the others stay, to be chosen instead. */
function offer(id: string, values: SearchFacets['languages'], nameOf: (value: string) => string): void {
  const select = byId(id, HTMLSelectElement);
  if (select.value !== '') return;
  const options = values.map(({ value, documents }) => element('option', { value }, `${nameOf(value)} (${documents})`));
  select.replaceChildren(...[...select.options].slice(0, 1), ...options);
}
