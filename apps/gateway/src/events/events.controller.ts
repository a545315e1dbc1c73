import type { RequestTo } from '@allibrary/api';
import { Controller, Res } from '@nestjs/common';
import type { Response } from 'express';
import { Handles } from '../http/handles.ts';
import { EventHub } from './event-hub.ts';
import { EventStream } from './event-stream.ts';

/** Events on this node. */
@Controller()
export class EventsController {
  constructor(private readonly hub: EventHub) {}

  @Handles('GET /events')
  follow(_: RequestTo<'GET /events'>, @Res() response: Response): void {
    this.hub.join(() => new EventStream(response));
  }
}
