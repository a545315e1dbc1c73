/** Writes docs/EVENTS.md, the reference of every message, from the contracts and from who uses them. */
import * as contracts from '@allibrary/contracts';
import type { Contract } from '@allibrary/contracts';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { participantsOf, readServices } from './events-doc/participants.ts';
import { readKeys, readSentences } from './events-doc/sentences.ts';
import { type Field, type SchemaNames, fieldsOf, typeText } from './events-doc/type-text.ts';
import { projectRoot } from './run-command.ts';

const OUTPUT = join(projectRoot, 'docs/EVENTS.md');

const HEAD = `# Messages

Made by \`node tools/boot.mjs tools/events-doc.ts\` from [libs/contracts](../libs/contracts/src); not to be edited by hand.
All payloads are UTF-8 JSON. What the four kinds of message promise is in [ARCHITECTURE.md](ARCHITECTURE.md#messages).`;

/** What is read from the sources, for all sections. */
function readProject() {
  const sources = globSync('libs/contracts/src/*.ts', { cwd: projectRoot }).toSorted();
  const source = sources.map((path) => readFileSync(join(projectRoot, path), 'utf8')).join('\n');
  const exported = Object.entries(contracts).toSorted(([a], [b]) => placeIn(source, a) - placeIn(source, b));
  const schemas = exported.filter(([, value]) => value instanceof z.ZodType) as [string, z.ZodType][];
  const messages = exported.filter(([, value]) => typeof value === 'object' && 'kind' in value);
  const names: SchemaNames = new Map(schemas.map(([name, schema]) => [schema, name]));
  return {
    sentences: readSentences(source),
    keys: readKeys(source),
    schemas,
    names,
    messages: messages as unknown as [string, Contract][],
    services: readServices(projectRoot),
  };
}

/** Messages and types are in the order of the contracts. */
const placeIn = (source: string, name: string): number =>
  source.search(new RegExp(`^export (?:const|type) ${name}\\b`, 'm'));

type Project = ReturnType<typeof readProject>;

const row = (...cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(...head), row(...head.map(() => '---')), ...rows.map((cells) => row(...cells))].join('\n');
const list = (names: readonly string[]): string => names.join(', ') || 'no service';

/** The document that docs/EVENTS.md should hold. */
export function eventsDocument(): string {
  const project = readProject();
  const section = (title: string, kind: Contract['kind']): string =>
    [
      `## ${title}`,
      ...project.messages.filter(([, each]) => each.kind === kind).map(([name, each]) => describe(name, each, project)),
    ].join('\n\n');
  return `${[
    HEAD,
    streams(project),
    section('Events', 'event'),
    section('Signals', 'signal'),
    section('Requests', 'request'),
    section('Requests with many replies', 'request-many'),
    types(project),
  ].join('\n\n')}\n`;
}

function streams({ sentences }: Project): string {
  const rows = Object.entries(contracts.STREAMS).map(([name, { subjects }]) => [
    `\`${name}\``,
    subjects.map((subject) => `\`${subject}\``).join(', '),
    sentences.get(`STREAMS.${name}`) ?? '',
  ]);
  return `## Streams\n\n${table(['stream', 'subjects', 'holds'], rows)}`;
}

function describe(name: string, contract: Contract, project: Project): string {
  const { from, to } = participantsOf(name, project.services);
  const head = `### ${name}\n\n${project.sentences.get(name) ?? ''}\n`;
  const subject = `- subject: \`${contract.subject}\``;
  const ways = `- from: ${list(from)}; to: ${list(to)}`;
  switch (contract.kind) {
    case 'event': {
      const stored = `- stream: \`${contract.stream}\`; one fact is told apart by \`${project.keys.get(name)}\``;
      return [head, subject, stored, ways, '', payload(name, contract.schema, project)].join('\n');
    }
    case 'signal':
      return [head, subject, ways, '', payload(name, contract.schema, project)].join('\n');
    case 'request':
    case 'request-many': {
      const limit = `- time limit: ${contract.timeoutMs / 1_000} s`;
      const question = ['Question:', payload(name, contract.request, project)].join('\n\n');
      const reply = [
        contract.kind === 'request' ? 'Reply:' : 'Each reply:',
        payload(name, contract.reply, project),
      ].join('\n\n');
      return [head, subject, limit, ways, '', question, '', reply].join('\n');
    }
  }
}

/** A payload by its name, or field by field. */
function payload(owner: string, schema: z.ZodType, { names, sentences }: Project): string {
  if (names.has(schema) || !(schema instanceof z.ZodObject)) return typeText(schema, names);
  const fields = fieldsOf(schema, names);
  if (fields.length === 0) return 'nothing (`{}`)';
  const base = [...names].find(([each]) => each instanceof z.ZodObject && extendsShape(schema, each));
  return fieldTable([owner, base?.[1] ?? owner], fields, sentences);
}

const extendsShape = (schema: z.ZodObject, base: z.ZodObject): boolean =>
  Object.entries(base.shape).every(([name, type]) => schema.shape[name] === type);

function fieldTable(owners: readonly string[], fields: readonly Field[], sentences: Project['sentences']): string {
  const sentenceOf = (name: string) => owners.map((owner) => sentences.get(`${owner}.${name}`)).find(Boolean) ?? '';
  const rows = fields.map(({ name, type }) => [`\`${name}\``, type, sentenceOf(name)]);
  const hasMeanings = rows.some(([, , meaning]) => meaning !== '');
  return hasMeanings
    ? table(['field', 'type', 'meaning'], rows)
    : table(
        ['field', 'type'],
        rows.map((cells) => cells.slice(0, 2)),
      );
}

function types(project: Project): string {
  const sections = project.schemas.map(([name, schema]) =>
    [`### ${name}`, project.sentences.get(name) ?? '', body(name, schema, project)].join('\n\n'),
  );
  return ['## Types', ...sections].join('\n\n');
}

function body(name: string, schema: z.ZodType, { names, sentences }: Project): string {
  const others = new Map([...names].filter(([each]) => each !== schema));
  if (schema instanceof z.ZodObject) return fieldTable([name], fieldsOf(schema, others), sentences);
  if (schema instanceof z.ZodUnion) {
    return schema.options.map((option) => `- ${typeText(option as z.ZodType, others)}`).join('\n');
  }
  if (schema instanceof z.ZodEnum && sentences.has(`${name}.${schema.options[0]}`)) {
    return schema.options.map((value) => `- \`${value}\`: ${sentences.get(`${name}.${value}`)}`).join('\n');
  }
  return typeText(schema, others);
}

if (import.meta.main) writeFileSync(OUTPUT, eventsDocument());
