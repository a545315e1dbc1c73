import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** A request as Meilisearch would have got it. */
export interface RecordedRequest {
  /** Method and path with its query. */
  readonly request: string;
  readonly key: string | undefined;
  readonly body?: unknown;
}

type Reply = readonly [status: number, body: unknown];

/**
 * Stands in for Meilisearch where there is none: records what it is asked and answers as its reference says
 * (https://www.meilisearch.com/docs/reference/api). It indexes nothing, so it proves what we ask for and not what is found.
 */
export class RecordedMeilisearch {
  readonly requests: RecordedRequest[] = [];
  /** What GET requests and searches are answered, by method and path; without one, that it does not exist. */
  readonly replies = new Map<string, Reply>();
  readonly #server = createServer((request, response) => void this.#answer(request, response));
  #tasks = 0;

  /** Listens on a free port. */
  static async start(): Promise<RecordedMeilisearch> {
    const recorded = new RecordedMeilisearch();
    await once(recorded.#server.listen(0, '127.0.0.1'), 'listening');
    return recorded;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The requests since this was asked last, without those that wait for tasks. */
  taken(): RecordedRequest[] {
    return this.requests.splice(0).filter(({ request }) => !request.startsWith('GET /tasks/'));
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const named = `${request.method} ${request.url}`;
    const body = request.headers['content-length'] ? await json(request) : undefined;
    const key = request.headers.authorization?.replace('Bearer ', '');
    this.requests.push({ request: named, key, ...(body === undefined ? {} : { body }) });
    const [status, answer] = this.replies.get(named) ?? this.#usual(named);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  }

  #usual(named: string): Reply {
    const [, task] = /^GET \/tasks\/(\d+)$/.exec(named) ?? [];
    if (task !== undefined) return [200, { uid: Number(task), type: 'any', status: 'succeeded', error: null }];
    if (!named.startsWith('GET ')) return [202, { taskUid: this.#tasks++, status: 'enqueued', type: 'any' }];
    return [404, { message: 'not found', code: codeOf(named), type: 'invalid_request', link: '' }];
  }
}

function codeOf(named: string): string {
  if (named.startsWith('GET /keys/')) return 'api_key_not_found';
  return named.includes('/documents/') ? 'document_not_found' : 'index_not_found';
}
