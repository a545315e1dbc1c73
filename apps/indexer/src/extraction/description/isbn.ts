/** An ISBN of 13 digits from one of 13 or 10 (ISO 2108); null when its check digit is wrong. */
export function isbn13Of(digits: string): string | null {
  if (/^97[89]\d{10}$/u.test(digits)) return checkDigitOf(digits.slice(0, 12)) === digits[12] ? digits : null;
  if (!/^\d{9}[\dX]$/u.test(digits) || weigh(digits, (at) => 10 - at) % 11 !== 0) return null;
  const prefix = `978${digits.slice(0, 9)}`;
  return prefix + checkDigitOf(prefix);
}

const checkDigitOf = (twelve: string): string =>
  String((10 - (weigh(twelve, (at) => (at % 2 === 0 ? 1 : 3)) % 10)) % 10);

const weigh = (digits: string, weight: (at: number) => number): number =>
  [...digits].reduce((sum, digit, at) => sum + weight(at) * (digit === 'X' ? 10 : Number(digit)), 0);
