/** One server-sent event. */
export interface ReceivedEvent {
  readonly type: string;
  readonly data: unknown;
}

/** Reads the events of an answer as they come. */
export async function* readEvents(answer: Response): AsyncGenerator<ReceivedEvent> {
  let rest = '';
  for await (const text of answer.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    const blocks = (rest + text).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const { type, data } = /^event: (?<type>.*)\ndata: (?<data>.*)$/.exec(block)?.groups ?? {};
      if (type && data) yield { type, data: JSON.parse(data) };
    }
  }
}
