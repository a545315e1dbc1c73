import { z } from 'zod';

/** The names under which the contracts export schemas. */
export type SchemaNames = ReadonlyMap<unknown, string>;

/** A field of a payload, as a table shows it. */
export interface Field {
  readonly name: string;
  readonly type: string;
}

/** What a schema is, in words; one that the contracts export by its name. */
export function typeText(schema: z.ZodType, names: SchemaNames): string {
  const name = names.get(schema);
  if (name) return `[${name}](#${name.toLowerCase()})`;
  const inner = (part: unknown): string => typeText(part as z.ZodType, names);
  if (schema instanceof z.ZodNullable) return `${inner(schema.unwrap())} or null`;
  if (schema instanceof z.ZodOptional) return `${inner(schema.unwrap())}, or left out`;
  if (schema instanceof z.ZodDefault)
    return `${inner(schema.unwrap())}, ${valueText(schema.def.defaultValue)} when left out`;
  if (schema instanceof z.ZodArray) return `list of ${range(z.toJSONSchema(schema), 'Items')}${inner(schema.element)}`;
  if (schema instanceof z.ZodRecord) return `${inner(schema.valueType)} by ${inner(schema.keyType)}`;
  if (schema instanceof z.ZodObject)
    return `{${fieldsOf(schema, names)
      .map((field) => `${field.name}: ${field.type}`)
      .join(', ')}}`;
  if (schema instanceof z.ZodUnknown) return 'any JSON';
  return scalarText(z.toJSONSchema(schema));
}

/** The fields of an object. */
export const fieldsOf = (schema: z.ZodObject, names: SchemaNames): Field[] =>
  Object.entries(schema.shape).map(([name, type]) => ({ name, type: typeText(type as z.ZodType, names) }));

/** A string, a number or a choice, with its limits. */
export function scalarText(json: z.core.JSONSchema.BaseSchema): string {
  if (json.const !== undefined) return `\`${String(json.const)}\``;
  if (json.enum) return json.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (json.format === 'uuid') return 'UUID';
  if (json.pattern) return `string like \`${json.pattern}\``;
  const length = range(json, 'Length');
  if (length) return `string of ${length}characters`;
  const limits = range(json, 'imum').trim();
  return limits ? `${json.type}, ${limits}` : `${json.type}`;
}

/** `minLength` and `maxLength`, `minItems` and `maxItems`, `minimum` and `maximum`, each pair in words. */
function range(json: z.core.JSONSchema.BaseSchema, what: 'Length' | 'Items' | 'imum'): string {
  const limits: Record<string, unknown> = json;
  const least = limits[`min${what}`];
  const most = limits[`max${what}`];
  if (most === undefined || most === Number.MAX_SAFE_INTEGER)
    return least === undefined ? '' : `${Number(least)} or more `;
  return least === undefined ? `up to ${Number(most)} ` : `${Number(least)} to ${Number(most)} `;
}

/** A long list would hide the rest of its row. */
const valueText = (value: unknown): string =>
  Array.isArray(value) && value.length > 3 ? `${value.length} values` : JSON.stringify(value);
