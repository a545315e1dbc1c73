import { Get, Res } from '@nestjs/common';
import { ApiProduces } from '@nestjs/swagger';
import type { Response } from 'express';
import { Answers, ApiController } from '../http/api-controller.ts';
import { EventHub } from './event-hub.ts';
import { EventStream } from './event-stream.ts';

/** What happens on this node. */
@ApiController('events')
export class EventsController {
  constructor(private readonly hub: EventHub) {}

  /** Types: document.added, document.removed, document.indexed, downloads, network; `dropped` has the reason why a stream ends. */
  @Get()
  @ApiProduces('text/event-stream')
  @Answers('Documents, downloads with their progress and the network, as server-sent events.', 200)
  follow(@Res() response: Response): void {
    this.hub.join(() => new EventStream(response));
  }
}
