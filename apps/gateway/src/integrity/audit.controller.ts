import type { ReplyFrom, RequestTo } from '@allibrary/api';
import { type AuditReport, GetAuditReport, GetFixity, StartAudit } from '@allibrary/contracts';
import { Bus } from '@allibrary/messaging';
import { Controller } from '@nestjs/common';
import { Handles } from '../http/handles.ts';

/** Audit of this node's files, and the fixity of single documents. */
@Controller()
export class AuditController {
  constructor(private readonly bus: Bus) {}

  @Handles('GET /audit')
  get(): Promise<AuditReport> {
    return this.bus.request(GetAuditReport, {});
  }

  @Handles('POST /audit')
  start({ body }: RequestTo<'POST /audit'>): Promise<ReplyFrom<'POST /audit'>> {
    return this.bus.request(StartAudit, body);
  }

  @Handles('GET /documents/:documentId/fixity')
  fixity({
    params,
  }: RequestTo<'GET /documents/:documentId/fixity'>): Promise<ReplyFrom<'GET /documents/:documentId/fixity'>> {
    return this.bus.request(GetFixity, params);
  }
}
