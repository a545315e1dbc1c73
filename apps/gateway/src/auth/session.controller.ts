import { Delete, Post, Req, Res } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Sessions } from './sessions.ts';
import { Answers, ApiController } from '../http/api-controller.ts';
import { clearSessionCookie, sessionToken, setSessionCookie } from './session-cookie.ts';

/** Signs the web page in: its links and media can carry a cookie, but no header. */
@ApiController('session')
export class SessionController {
  constructor(private readonly sessions: Sessions) {}

  @Post()
  @Answers('Exchange the API key for a session cookie that serves the web page for twelve hours.', 204)
  begin(@Req() request: Request, @Res({ passthrough: true }) response: Response): void {
    setSessionCookie(request, response, this.sessions.begin(Date.now()));
  }

  @Delete()
  @Answers('End the session of the cookie.', 204)
  end(@Req() request: Request, @Res({ passthrough: true }) response: Response): void {
    this.sessions.end(sessionToken(request) ?? '');
    clearSessionCookie(request, response);
  }
}
