import { Parser } from 'htmlparser2';
import { textOfXml } from '../encoding/declared-encoding.ts';

export type Attributes = Readonly<Record<string, string>>;

/** A name without its namespace prefix: writers choose prefixes as they like. */
export const localName = (name: string): string => name.slice(name.indexOf(':') + 1);

/** Attributes by their names without prefix. */
export const localAttributes = (attributes: Attributes): Attributes =>
  Object.fromEntries(Object.entries(attributes).map(([name, value]) => [localName(name), value]));

/** Calls back for each element of an XML file, with names without prefixes. */
export function eachElement(
  xml: Buffer | null,
  onOpen: (name: string, attributes: Attributes) => void,
  onClose: (name: string) => void = () => {},
): void {
  const parser = new Parser(
    {
      onopentag: (name, attributes) => onOpen(localName(name), localAttributes(attributes)),
      onclosetag: (name) => onClose(localName(name)),
    },
    { xmlMode: true },
  );
  parser.end(textOfXml(xml));
}
