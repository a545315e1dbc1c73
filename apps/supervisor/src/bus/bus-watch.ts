import { setTimeout as delay } from 'node:timers/promises';
import { type BusAction, BusJudge, TIMES } from './bus-judge.ts';
import type { NatsUser } from './bus-plan.ts';
import { busProblem } from './bus-probe.ts';
import { hasRoom } from '../setup/room.ts';

/** A bus that fails, or whose disk is full, is looked at more often. */
const URGENT_LOOK_EVERY_MS = 1_000;

/** What the watch needs to know of the bus. */
export interface WatchedBus {
  readonly url: string;
  readonly operator: NatsUser;
  readonly folder: string;
  readonly restart: () => Promise<void>;
}

/** Looks at the bus until the signal aborts, and starts it again when it is broken and its disk has room. */
export async function watchBus(
  bus: WatchedBus,
  print: (line: string) => void,
  signal: AbortSignal,
  times = TIMES,
): Promise<void> {
  const judge = new BusJudge(performance.now(), times);
  for (let last: BusAction = 'nothing', waitMs = times.lookEvery; !signal.aborted; ) {
    await delay(waitMs, undefined, { signal }).catch(() => {}); // aborted: the loop ends
    if (signal.aborted) return;
    const isRoomy = await hasRoom(bus.folder);
    const problem = await busProblem({ ...bus, limitMs: times.answerLimit, isWriting: isRoomy && judge.isSuspect });
    if (signal.aborted) return;
    const action = judge.judge(problem === null, isRoomy, performance.now());
    if (action === 'wait-for-room' && last !== action)
      print(`The bus is broken and ${bus.folder} has no room: make some.`);
    if (action === 'restart') {
      print(`The bus does not work (${problem}): nats-server is started again.`);
      await bus.restart();
      judge.restarted(performance.now());
    }
    last = action;
    waitMs = problem === null && !judge.isSuspect ? times.lookEvery : Math.min(times.lookEvery, URGENT_LOOK_EVERY_MS);
  }
}
