import { pipeline } from 'node:stream/promises';
import { DocumentId, GetDocument } from '@allibrary/contracts';
import { Bus } from '@allibrary/messaging';
import { Get, HttpException, Param, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiProduces, ApiResponse } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import type { ByteRange } from './byte-range.ts';
import { answerContent } from './content-answer.ts';
import { answerSignal } from '../http/answer-signal.ts';
import { Answers, ApiController } from '../http/api-controller.ts';
import { Shutdown } from '../http/shutdown.ts';
import { ContentSource } from './content-source.ts';
import { exactly } from './exactly.ts';

/** The bytes of this node's documents. */
@ApiController('documents')
export class ContentController {
  constructor(
    private readonly bus: Bus,
    private readonly source: ContentSource,
    private readonly shutdown: Shutdown,
  ) {}

  @Get(':documentId/content')
  @Answers("A document's bytes, whole or as one range of them.", 200)
  @ApiHeader({ name: 'Range', description: 'One range, like bytes=0-1023.', required: false })
  @ApiResponse({ status: 206, description: 'The range.' })
  @ApiResponse({ status: 304, description: 'If-None-Match names the document.' })
  @ApiProduces('application/octet-stream')
  async read(
    @Param('documentId', { schema: DocumentId }) documentId: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const document = await this.bus.request(GetDocument, { documentId });
    const answer = answerContent(document, {
      range: request.get('range'),
      ifRange: request.get('if-range'),
      ifNoneMatch: request.get('if-none-match'),
    });
    if (answer.status === 416) {
      response.setHeaders(new Map(Object.entries(answer.headers)));
      throw new HttpException(`the document has ${document.sizeBytes} bytes, and none of them is in this range`, 416);
    }
    const isEmpty = answer.range === null || answer.range.length === 0 || request.method === 'HEAD';
    if (isEmpty) response.writeHead(answer.status, answer.headers).end();
    else await this.#send(documentId, answer.range, response, () => response.writeHead(answer.status, answer.headers));
  }

  /** The answer begins when transfer has accepted: until then it can still be an error. */
  async #send(documentId: string, range: ByteRange, response: Response, begin: () => void): Promise<void> {
    const signal = answerSignal(response, this.shutdown);
    try {
      const bytes = await this.source.open(documentId, range, signal);
      begin();
      await pipeline(bytes, (parts: AsyncIterable<Buffer>) => exactly(parts, range.length), response, { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
      response.destroy(); // nobody waits for it any more, which is no failure of ours
    }
  }
}
