import { GetAuditReport, GetFixity, type ReplyOf, type RequestOf, StartAudit } from '@allibrary/contracts';
import { OnRequest, RequestFailure } from '@allibrary/messaging';
import { Controller } from '@nestjs/common';
import { Audit } from './audit.ts';
import { answering } from '../downloads/request-failures.ts';

/** Questions about the fixity of files, and wishes to verify some now. */
@Controller()
export class AuditResponder {
  constructor(private readonly audit: Audit) {}

  @OnRequest(GetAuditReport)
  report(): ReplyOf<typeof GetAuditReport> {
    return this.audit.report();
  }

  @OnRequest(GetFixity)
  fixity({ documentId }: RequestOf<typeof GetFixity>): ReplyOf<typeof GetFixity> {
    const files = this.audit.fixityOf(documentId);
    if (files.length > 0) return { files };
    throw new RequestFailure('not-found', `This node does not hold the document ${documentId}.`);
  }

  @OnRequest(StartAudit)
  start({ documentId }: RequestOf<typeof StartAudit>): Promise<ReplyOf<typeof StartAudit>> {
    return answering(() => this.#want(documentId));
  }

  #want(documentId: string | undefined): ReplyOf<typeof StartAudit> {
    if (!this.audit.isEnabled)
      throw new RequestFailure('conflict', 'The audit is switched off: switch it on in the settings "audit" first.');
    const files = this.audit.want(documentId);
    if (files > 0 || documentId === undefined) return { files };
    throw new RequestFailure('not-found', `This node does not hold the document ${documentId}.`);
  }
}
