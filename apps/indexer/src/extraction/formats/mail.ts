import PostalMime, { type Address } from 'postal-mime';
import type { Statement } from '../description/metadata.ts';
import { type ReadText, UnreadableText } from '../extraction.ts';
import { textOfHtml } from './html-text.ts';
import { SectionList } from '../text/section-list.ts';
import type { SourceFile } from '../child/source-file.ts';

/** A mail's attachments make most of it; a larger one is an archive. */
const MAX_BYTES = 64 * 1024 * 1024;
const MAX_NESTING = 32;

/** Reads a mail, or a page that a browser saved as one (MHTML): its subject, its people and its text, no attachments. */
export async function readMail(file: SourceFile, maxCharacters: number): Promise<ReadText> {
  if (file.sizeBytes > MAX_BYTES) throw new UnreadableText(`the mail has more than ${MAX_BYTES / 1024 / 1024} MiB`);
  const mail = await new PostalMime({ maxNestingDepth: MAX_NESTING }).parse(await file.readStart(file.sizeBytes));
  const people = [mail.from, ...(mail.to ?? []), ...(mail.cc ?? [])].flatMap((each) => (each ? namesOf(each) : []));
  const text = mail.html === undefined ? (mail.text ?? '') : textOfHtml(mail.html, maxCharacters);
  const sections = new SectionList(maxCharacters);
  const lines = [mail.subject ?? '', ...people, text].filter((line) => line.trim() !== '');
  sections.add({ page: null, chapter: null, text: lines.join('\n') });
  const statements: Statement[] = [
    ...(mail.subject === undefined ? [] : [{ term: 'title' as const, value: mail.subject }]),
    ...(mail.from?.name ? [{ term: 'creator' as const, value: mail.from.name }] : []),
    ...(mail.date === undefined ? [] : [{ term: 'date' as const, value: mail.date }]),
  ];
  return sections.read(statements);
}

const namesOf = ({ name, address, group }: Address): string[] =>
  group ? [name, ...group.flatMap(namesOf)] : [`${name} ${address ?? ''}`.trim()];
