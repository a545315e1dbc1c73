/** The sentences of a module: of each export, and of the fields in it as `Export.field`. */
export type Sentences = ReadonlyMap<string, string>;

const SENTENCE = /^\s*\/\*\* (?<sentence>.+) \*\/$/;
const EXPORT = /^export (?:const|type|interface) (?<name>\w+)/;
const FIELD = /^\s+'?(?<name>[\w-]+)'?(?::|,)/;

/** Reads the doc comments of a module. TypeScript 7 has no API for it; ours are one line each, above what they document. */
export function readSentences(source: string): Sentences {
  const sentences = new Map<string, string>();
  let owner = '';
  let sentence: string | undefined;
  for (const line of source.split('\n')) {
    const found = SENTENCE.exec(line)?.groups?.['sentence'];
    const exported = EXPORT.exec(line)?.groups?.['name'];
    const field = FIELD.exec(line)?.groups?.['name'];
    if (exported) owner = exported;
    const about = exported ?? (field && `${owner}.${field}`);
    if (sentence && about) sentences.set(about, sentence);
    sentence = found;
  }
  return sentences;
}

/** The natural key of each event, as it is written in its contract: `path@observedAtMs`. */
export function readKeys(source: string): ReadonlyMap<string, string> {
  const keys = new Map<string, string>();
  for (const [, name = '', key = ''] of source.matchAll(
    /^export const (\w+) = event\([\s\S]*?\n {2}key: \(\w+\) => (.+),$/gm,
  ))
    keys.set(name, key.replaceAll(/\$?\{?\b\w+\.(\w+)\}?/g, '$1').replaceAll('`', ''));
  return keys;
}
