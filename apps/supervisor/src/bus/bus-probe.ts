import { type NatsConnection, connect } from '@nats-io/transport-node';
import type { NatsUser } from './bus-plan.ts';

/** What of the bus is tried. */
export interface ProbeOptions {
  readonly url: string;
  readonly operator: NatsUser;
  readonly limitMs: number;
  /** Whether each stream must also store a message: a server may answer, and refuse or never end every write. */
  readonly isWriting: boolean;
}

interface ApiAnswer {
  readonly error?: { readonly description?: string };
}

/** Why the bus does not work: JetStream, or one of its streams, does not answer or does not store. Null when it works. */
export async function busProblem({ url, operator, limitMs, isWriting }: ProbeOptions): Promise<string | null> {
  try {
    const credentials = { user: operator.name, pass: operator.password };
    const connection = await connect({ servers: url, ...credentials, reconnect: false, timeout: limitMs });
    try {
      const probe = new Probe(connection, limitMs);
      await probe.ask('$JS.API.INFO');
      const { streams } = await probe.ask<{ streams: string[] | null }>('$JS.API.STREAM.NAMES');
      // A lock that is never released holds up the questions about its stream only.
      await Promise.all((streams ?? []).map((stream) => probe.tryStream(stream, isWriting)));
      return null;
    } finally {
      // A server that is stopped or stuck never confirms that a connection is closed.
      connection.close().catch(() => {});
    }
  } catch (error) {
    return (error as Error).message;
  }
}

class Probe {
  readonly #connection: NatsConnection;
  readonly #limitMs: number;

  constructor(connection: NatsConnection, limitMs: number) {
    this.#connection = connection;
    this.#limitMs = limitMs;
  }

  /** Asks, and rejects with the error in the answer. */
  async ask<T>(subject: string, question?: object): Promise<T> {
    const body = question && JSON.stringify(question);
    const answer = (await this.#connection.request(subject, body, { timeout: this.#limitMs })).json<ApiAnswer & T>();
    if (answer.error) throw new Error(`${subject}: ${answer.error.description ?? 'refused'}`);
    return answer;
  }

  async tryStream(stream: string, isWriting: boolean): Promise<void> {
    const { config } = await this.ask<{ config: { subjects?: string[] } }>(`$JS.API.STREAM.INFO.${stream}`);
    const wildcard = config.subjects?.find((subject) => subject.endsWith('.>'));
    if (!isWriting || !wildcard) return;
    // Nobody consumes this subject, and the message goes at once.
    const { seq } = await this.ask<{ seq: number }>(`${wildcard.slice(0, -1)}probe`, {});
    await this.ask(`$JS.API.STREAM.MSG.DELETE.${stream}`, { seq, no_erase: true });
  }
}
