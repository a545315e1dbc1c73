import { pipeline } from 'node:stream/promises';
import type { RequestTo } from '@allibrary/api';
import { GetDocument } from '@allibrary/contracts';
import { Bus } from '@allibrary/messaging';
import { Controller, HttpException, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import type { ByteRange } from './byte-range.ts';
import { answerContent } from './content-answer.ts';
import { answerSignal } from '../http/answer-signal.ts';
import { Handles } from '../http/handles.ts';
import { Shutdown } from '../http/shutdown.ts';
import { ContentSource } from './content-source.ts';
import { exactly } from './exactly.ts';

/** The bytes of this node's documents. */
@Controller()
export class ContentController {
  constructor(
    private readonly bus: Bus,
    private readonly source: ContentSource,
    private readonly shutdown: Shutdown,
  ) {}

  @Handles('GET /documents/:documentId/content')
  async read(
    { params, headers }: RequestTo<'GET /documents/:documentId/content'>,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    const document = await this.bus.request(GetDocument, params);
    const answer = answerContent(document, {
      range: headers.range,
      ifRange: headers['if-range'],
      ifNoneMatch: headers['if-none-match'],
    });
    if (answer.status === 416) {
      response.setHeaders(new Map(Object.entries(answer.headers)));
      throw new HttpException(`the document has ${document.sizeBytes} bytes, and none of them is in this range`, 416);
    }
    const isEmpty = answer.range === null || answer.range.length === 0 || request.method === 'HEAD';
    if (isEmpty) response.writeHead(answer.status, answer.headers).end();
    else
      await this.#send(params.documentId, answer.range, response, () =>
        response.writeHead(answer.status, answer.headers),
      );
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
