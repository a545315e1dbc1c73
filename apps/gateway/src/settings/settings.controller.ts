import type { SettingsSection } from '@allibrary/contracts';
import { RequestFailure, Settings } from '@allibrary/messaging';
import { Body, Get, Headers, Param, Put } from '@nestjs/common';
import { z } from 'zod';
import { Answers, ApiController } from '../http/api-controller.ts';
import { SettingsCheck } from './settings-check.ts';
import { SECTIONS } from './sections.ts';

/** A section's value, and the revision to send back in If-Match when it is changed. */
const SettingsAnswer = z.object({ value: z.unknown(), revision: z.int().nonnegative() });
type SettingsAnswer = z.output<typeof SettingsAnswer>;

const IfMatch = z
  .string()
  .regex(/^"\d{1,15}"$/, 'must be the revision in quotation marks, like "12"')
  .transform((text) => Number(text.slice(1, -1)))
  .optional();

/** What the owner wants of this node. */
@ApiController('settings')
export class SettingsController {
  constructor(
    private readonly settings: Settings,
    private readonly check: SettingsCheck,
  ) {}

  @Get(':section')
  @Answers('One section of the settings; what was never written has its defaults.', 200, SettingsAnswer)
  read(@Param('section') name: string): Promise<SettingsAnswer> {
    return this.settings.read(sectionOf(name));
  }

  @Put(':section')
  @Answers('Replace one section; it takes effect at once.', 200, SettingsAnswer)
  async write(
    @Param('section') name: string,
    @Body() body: unknown,
    @Headers('if-match') ifMatch?: string,
  ): Promise<SettingsAnswer> {
    const section = sectionOf(name);
    const value = accept(section.schema, body);
    this.check.accept(section, value);
    return this.settings.write(section, value, accept(IfMatch, ifMatch, 'If-Match'));
  }
}

function sectionOf(name: string): SettingsSection {
  const section = SECTIONS.find((each) => each.name === name);
  if (section) return section;
  const names = SECTIONS.map((each) => each.name).join(', ');
  throw new RequestFailure('not-found', `there are no settings "${name.slice(0, 50)}"; there are: ${names}`);
}

function accept<T extends z.ZodType>(schema: T, value: unknown, at = ''): z.output<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = [at, ...(issue?.path ?? [])].filter((part) => part !== '').join('.');
  throw new RequestFailure('invalid', `${path ? `${path}: ` : ''}${issue?.message ?? 'it is not understood'}`);
}
