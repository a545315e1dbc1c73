import { z } from 'zod';
import { event, request, signal } from './contract.ts';
import { settings } from './settings.ts';

/** Below this a peer would be told that we are busy before a piece of 1 MiB has its turn: one takes 16 seconds at it. */
const LEAST_BYTES_PER_SECOND = 65_536;

/** A limit of bytes per second; null is none. */
const RateLimit = z
  .int()
  .min(
    LEAST_BYTES_PER_SECOND,
    `must be at least ${LEAST_BYTES_PER_SECOND} bytes per second; pause downloads to have none`,
  )
  .max(1e12)
  .nullable()
  .default(null);

/** The limits of both directions. */
export const RateLimits = z.strictObject({ downloadBytesPerSecond: RateLimit, uploadBytesPerSecond: RateLimit });
export type RateLimits = z.output<typeof RateLimits>;

/** A day of the week. */
export const Weekday = z.enum(['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']);
export type Weekday = z.output<typeof Weekday>;

const TimeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day, like 08:30');

/** A time of the week; one that ends before it begins runs into the next day, from 00:00 to 00:00 is the whole day. */
export const WeekSpan = z.strictObject({ days: z.array(Weekday).min(1).max(7), from: TimeOfDay, to: TimeOfDay });
export type WeekSpan = z.output<typeof WeekSpan>;

const isTimeZone = (name: string): boolean => {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }));
  } catch {
    return false;
  }
};

/** A monthly budget of traffic. */
export const TrafficBudget = z.strictObject({
  /** The bytes of a month; null is no budget. */
  bytesPerMonth: z.int().min(1).nullable().default(null),
  /** Which bytes count, and are stopped: those received from peers, those sent to them, or both. */
  counts: z.enum(['received', 'sent', 'both']).default('both'),
  /** The day on which the budget's month begins. */
  firstDay: z.int().min(1).max(28).default(1),
  /** The share of the budget after which nothing new is begun; what is under way goes on until all of it is used. */
  softStopShare: z.number().gt(0).max(1).default(0.9),
});
export type TrafficBudget = z.output<typeof TrafficBudget>;

/** How much of the line the node may use, and how many documents it fetches at once. */
export const LimitsSettings = settings({
  name: 'limits',
  schema: RateLimits.extend({
    /** The limits while the schedule says so, or while they are switched on by hand. */
    alternative: RateLimits.prefault({}),
    useAlternative: z.boolean().default(false),
    /** When the alternative limits are in force. */
    schedule: z.array(WeekSpan).max(50).default([]),
    /** Whose clock the schedule and the month follow, such as Europe/Rome; null is the node's own. */
    timeZone: z.string().max(64).refine(isTimeZone, 'must be a time zone, like Europe/Rome').nullable().default(null),
    budget: TrafficBudget.prefault({}),
    activeDownloads: z.int().min(1).max(64).default(4),
  }),
});
/** The value of {@link LimitsSettings}. */
export type Limits = z.output<typeof LimitsSettings.schema>;

/** What one replica of transfer uses and wants, so that all of them together keep the node's limits. */
export const TransferDemand = signal({
  subject: 'live.transfer.demand',
  schema: z.object({
    replica: z.string().min(1).max(64),
    received: z.object({ bytesPerSecond: z.number().nonnegative(), neededBytesPerSecond: z.number().nonnegative() }),
    sent: z.object({ bytesPerSecond: z.number().nonnegative(), neededBytesPerSecond: z.number().nonnegative() }),
  }),
});

/** How much of the monthly budget is used: `soft-stop` begins nothing new, `hard-stop` lets nothing flow. */
export const BudgetState = z.enum(['none', 'within', 'soft-stop', 'hard-stop']);
export type BudgetState = z.output<typeof BudgetState>;

/** How fast document bytes flow, within which limits and why, and what this month has used. */
export const TrafficReport = z.object({
  downloadBytesPerSecond: z.number().nonnegative(),
  uploadBytesPerSecond: z.number().nonnegative(),
  limits: z.object({
    downloadBytesPerSecond: z.number().nullable(),
    uploadBytesPerSecond: z.number().nullable(),
    /** Where they come from: the limits themselves, the alternative ones by hand or by schedule, or a spent budget. */
    because: z.enum(['limits', 'by-hand', 'schedule', 'budget']),
  }),
  month: z.object({
    /** The first day, as YYYY-MM-DD. */
    since: z.iso.date(),
    receivedBytes: z.int().nonnegative(),
    sentBytes: z.int().nonnegative(),
    /** The bytes that count for the budget. */
    countedBytes: z.int().nonnegative(),
    budgetBytes: z.int().nullable(),
    /** What will count at the month's end when it goes on like this; null on the first day. */
    forecastBytes: z.number().nonnegative().nullable(),
    budget: BudgetState,
  }),
});
export type TrafficReport = z.output<typeof TrafficReport>;

/** The traffic of this node, of all its replicas together. */
export const GetTraffic = request({
  subject: 'transfer.traffic',
  request: z.object({}),
  reply: TrafficReport,
  timeoutMs: 5_000,
});

/** What one process of transfer has counted on one day so far; said now and then, the latest of a counter is true. */
export const TrafficCounted = event({
  stream: 'TRANSFERS',
  subject: 'transfers.traffic.counted',
  schema: z.object({
    /** A random name of the process' life. */
    counter: z.string().min(1).max(64),
    day: z.iso.date(),
    receivedBytes: z.int().nonnegative(),
    sentBytes: z.int().nonnegative(),
  }),
  key: (traffic) => `${traffic.counter}:${traffic.day}:${traffic.receivedBytes}:${traffic.sentBytes}`,
});
