/** Returns a comparison of titles in a language: numbers by their value, case and accents last. */
export function titlesIn(language: string): (one: string, other: string) => number {
  const collator = new Intl.Collator(supported(language), { numeric: true });
  return (one, other) => collator.compare(one, other);
}

function supported(language: string): string {
  try {
    return Intl.Collator.supportedLocalesOf(language)[0] ?? 'und';
  } catch {
    return 'und'; // not a language tag
  }
}
