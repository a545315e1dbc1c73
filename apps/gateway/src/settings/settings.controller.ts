import { StoredSection } from '@allibrary/contracts';
import { RequestFailure, StoredSettings } from '@allibrary/messaging';
import { Body, Get, Headers, Param, Put } from '@nestjs/common';
import { z } from 'zod';
import { Answers, ApiController } from '../http/api-controller.ts';

const MOST_NAME_LENGTH = 50;

const IfMatch = z
  .string()
  .regex(/^"\d{1,15}"$/)
  .transform((text) => Number(text.slice(1, -1)))
  .optional();

/** Settings of this node. A section has a revision, to be sent in If-Match with a change. */
@ApiController('settings')
export class SettingsController {
  constructor(private readonly settings: StoredSettings) {}

  @Get(':section')
  @Answers('One section of the settings; a section that was never written has its defaults.', 200, StoredSection)
  read(@Param('section') name: string): Promise<StoredSection> {
    return this.settings.read(name.slice(0, MOST_NAME_LENGTH));
  }

  @Put(':section')
  @Answers('Replace one section; it is on disk before the reply, and takes effect at once.', 200, StoredSection)
  write(
    @Param('section') name: string,
    @Body() body: unknown,
    @Headers('if-match') ifMatch?: string,
  ): Promise<StoredSection> {
    return this.settings.write(name.slice(0, MOST_NAME_LENGTH), body ?? null, revisionIn(ifMatch));
  }
}

function revisionIn(ifMatch: string | undefined): number | undefined {
  const parsed = IfMatch.safeParse(ifMatch);
  if (parsed.success) return parsed.data;
  throw new RequestFailure('invalid', 'If-Match must be the revision in quotation marks, like "12".');
}
