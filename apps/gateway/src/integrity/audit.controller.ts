import { AuditReport, DocumentId, GetAuditReport, GetFixity, type ReplyOf, StartAudit } from '@allibrary/contracts';
import { Bus } from '@allibrary/messaging';
import { Body, Get, Param, Post } from '@nestjs/common';
import type { z } from 'zod';
import { Answers, ApiController } from '../http/api-controller.ts';

/** Audit of this node's files. */
@ApiController('audit')
export class AuditController {
  constructor(private readonly bus: Bus) {}

  @Get()
  @Answers('State of the audit: files due, damaged and repaired, and the damaged ones by name.', 200, AuditReport)
  get(): Promise<AuditReport> {
    return this.bus.request(GetAuditReport, {});
  }

  @Post()
  @Answers('Verify the files of one document now, or all files.', 202, StartAudit.reply)
  start(
    @Body({ schema: StartAudit.request }) request: z.output<typeof StartAudit.request>,
  ): Promise<ReplyOf<typeof StartAudit>> {
    return this.bus.request(StartAudit, request);
  }
}

/** Fixity of single documents. */
@ApiController('documents')
export class FixityController {
  constructor(private readonly bus: Bus) {}

  @Get(':documentId/fixity')
  @Answers(
    'When each file of a document was last verified, what was found, and from whom it was repaired.',
    200,
    GetFixity.reply,
  )
  get(@Param('documentId', { schema: DocumentId }) documentId: string): Promise<ReplyOf<typeof GetFixity>> {
    return this.bus.request(GetFixity, { documentId });
  }
}
