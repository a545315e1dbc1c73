/** Doc comments of a module, by export name, or `Export.field` for a field. */
export type Sentences = ReadonlyMap<string, string>;

const SENTENCE = /^\s*\/\*\* (?<sentence>.+) \*\/$/;
const EXPORT = /^export (?:const|type|interface) (?<name>\w+)/;
const FIELD = /^\s+'?(?<name>[\w-]+)'?(?::|,)/;

/** Reads one-line doc comments directly above their declarations: TypeScript 7 has no API for doc comments. */
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

/** Returns the natural key of each event in the notation of its contract, such as `path@observedAtMs`. */
export function readKeys(source: string): ReadonlyMap<string, string> {
  const keys = new Map<string, string>();
  for (const [, name = '', fact = '', key = ''] of source.matchAll(
    /^export const (\w+) = event\([\s\S]*?\n {2}key: \((\w+)\) => (.+),$/gm,
  ))
    keys.set(name, key.replaceAll(/\$\{([^}]*)\}|`/g, '$1').replaceAll(`${fact}.`, ''));
  return keys;
}
