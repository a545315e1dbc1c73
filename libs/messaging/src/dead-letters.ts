import { type JsMsg, jetstream } from '@nats-io/jetstream';
import { headers } from '@nats-io/transport-node';
import type { Bus } from './bus.ts';
import { describeError } from './describe-error.ts';

/** Headers of a dead letter: where it came from, who gave it up, and why. */
export const DEAD_LETTER = {
  subject: 'Allibrary-Subject',
  service: 'Allibrary-Service',
  reason: 'Allibrary-Reason',
  attempts: 'Allibrary-Attempts',
  sequence: 'Allibrary-Sequence',
} as const;

/** Copies a message that no handler could settle to the stream DEAD; once, however often it is tried. */
export async function buryMessage(bus: Bus, service: string, message: JsMsg, error: unknown): Promise<void> {
  const reasons = headers();
  reasons.set(DEAD_LETTER.subject, message.subject);
  reasons.set(DEAD_LETTER.service, service);
  reasons.set(DEAD_LETTER.reason, describeError(error));
  reasons.set(DEAD_LETTER.attempts, String(message.info.deliveryCount));
  reasons.set(DEAD_LETTER.sequence, String(message.seq));
  await jetstream(bus.connection).publish(`dead.${service}.${message.subject}`, message.data, {
    headers: reasons,
    msgID: `dead:${service}:${message.info.stream}:${message.seq}`,
  });
}
