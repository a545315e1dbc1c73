import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const Name = z.string().min(1);

/** A file of a case: copied from the folder of cases, under another name if `as` is given, or written from a text. */
const CaseFile = z
  .union([
    Name.transform((file) => ({ file })),
    z.strictObject({
      file: Name.optional(),
      text: z.string().optional(),
      as: Name.optional(),
      unchecked: z.boolean().optional(),
    }),
  ])
  .transform((each) => ({ text: undefined, as: undefined, unchecked: false, ...each }));
export type CaseFile = z.output<typeof CaseFile>;

/** What happens to the files once they are indexed. */
const Step = z.union([
  z.strictObject({ rename: z.tuple([Name, Name]) }),
  z.strictObject({ copy: z.tuple([Name, Name]) }),
  z.strictObject({ remove: Name }),
  z.strictObject({ add: CaseFile }),
]);
export type Step = z.output<typeof Step>;

/** What is expected of the node. */
const Check = z.discriminatedUnion('type', [
  /** A search finds the documents of some files, and not those of others. */
  z.strictObject({
    type: z.literal('search'),
    q: Name,
    find: z.array(Name).default([]),
    notFind: z.array(Name).default([]),
  }),
  /** A field of a document's report, such as `metadata.title`, has a value. */
  z.strictObject({
    type: z.literal('report'),
    name: Name,
    field: Name,
    equals: z.unknown().optional(),
    matches: z.string().optional(),
    notMatches: z.string().optional(),
  }),
  z.strictObject({ type: z.literal('cover'), name: Name, there: z.boolean() }),
  z.strictObject({ type: z.literal('file'), name: Name, state: Name }),
]);
export type Check = z.output<typeof Check>;

/** Documents and what is expected of a node that has them in its library. */
const Case = z.object({
  id: z.string().regex(/^[\w-]+$/u),
  file: Name.optional(),
  files: z.array(CaseFile).optional(),
  steps: z.array(Step).default([]),
  /** Files that must be indexed after the steps. */
  after: z.array(Name).default([]),
  needs: z.literal('ocr').optional(),
  checks: z.array(Check).min(1),
});

export interface ReadingCase extends Omit<z.output<typeof Case>, 'file' | 'files'> {
  readonly files: readonly CaseFile[];
}

/** Reads the cases of a folder, and the ids of those of which it understands too little to run them. */
export function readCases(folder: string): { readonly cases: ReadingCase[]; readonly notUnderstood: string[] } {
  const listed = z
    .array(z.looseObject({ id: Name }))
    .parse(JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')));
  const cases: ReadingCase[] = [];
  const notUnderstood: string[] = [];
  for (const each of listed) {
    const { success, data } = Case.safeParse(each);
    if (success)
      cases.push({ ...data, files: data.files ?? (data.file === undefined ? [] : [CaseFile.parse(data.file)]) });
    else notUnderstood.push(each.id);
  }
  return { cases, notUnderstood };
}
