import { z } from 'zod';
import { event, request, signal } from './contract.ts';
import { settings } from './settings.ts';

/** Minimum limit: a piece of 1 MiB takes 16 seconds at this rate. Below it, peers would be refused as busy. */
const LEAST_BYTES_PER_SECOND = 65_536;

/** A limit in bytes per second; null means no limit. */
const RateLimit = z
  .int()
  .min(
    LEAST_BYTES_PER_SECOND,
    `must be at least ${LEAST_BYTES_PER_SECOND} bytes per second; pause downloads to have none`,
  )
  .max(1e12)
  .nullable()
  .default(null);

/** Limits of both directions. */
export const RateLimits = z.strictObject({ downloadBytesPerSecond: RateLimit, uploadBytesPerSecond: RateLimit });
export type RateLimits = z.output<typeof RateLimits>;

/** A day of the week. */
export const Weekday = z.enum(['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']);
export type Weekday = z.output<typeof Weekday>;

const TimeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'must be a time of day, like 08:30');

/** A weekly period; one that ends before it begins runs into the next day, and 00:00 to 00:00 is the whole day. */
export const WeekSpan = z.strictObject({ days: z.array(Weekday).min(1).max(7), from: TimeOfDay, to: TimeOfDay });
export type WeekSpan = z.output<typeof WeekSpan>;

const isTimeZone = (name: string): boolean => {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }));
  } catch {
    return false;
  }
};

/** A monthly traffic budget. */
export const TrafficBudget = z.strictObject({
  /** Bytes per month; null means no budget. */
  bytesPerMonth: z.int().min(1).nullable().default(null),
  /** Which bytes count and are stopped: those received from peers, those sent to them, or both. */
  counts: z.enum(['received', 'sent', 'both']).default('both'),
  /** The day on which the budget's month begins. */
  firstDay: z.int().min(1).max(28).default(1),
  /** Share of the budget beyond which nothing new is started; running downloads continue until all of it is used. */
  softStopShare: z.number().gt(0).max(1).default(0.9),
});
export type TrafficBudget = z.output<typeof TrafficBudget>;

/** Limits of the node's bandwidth, and the number of documents it downloads at once. */
export const LimitsSettings = settings({
  name: 'limits',
  schema: RateLimits.extend({
    /** Limits in force while the schedule applies, or while they are switched on manually. */
    alternative: RateLimits.prefault({}),
    useAlternative: z.boolean().default(false),
    /** When the alternative limits are in force. */
    schedule: z.array(WeekSpan).max(50).default([]),
    /** Time zone of the schedule and the month, such as Europe/Rome; null is the node's own. */
    timeZone: z.string().max(64).refine(isTimeZone, 'must be a time zone, like Europe/Rome').nullable().default(null),
    budget: TrafficBudget.prefault({}),
    activeDownloads: z.int().min(1).max(64).default(4),
  }),
});
/** Value of {@link LimitsSettings}. */
export type Limits = z.output<typeof LimitsSettings.schema>;

/** Current usage and demand of one replica of transfer, so that all replicas together keep the node's limits. */
export const TransferDemand = signal({
  subject: 'live.transfer.demand',
  schema: z.object({
    replica: z.string().min(1).max(64),
    received: z.object({ bytesPerSecond: z.number().nonnegative(), neededBytesPerSecond: z.number().nonnegative() }),
    sent: z.object({ bytesPerSecond: z.number().nonnegative(), neededBytesPerSecond: z.number().nonnegative() }),
  }),
});

/** State of the monthly budget: `soft-stop` starts nothing new, `hard-stop` stops all counted traffic. */
export const BudgetState = z.enum(['none', 'within', 'soft-stop', 'hard-stop']);
export type BudgetState = z.output<typeof BudgetState>;

/** Rates of document bytes, the limits in force and their reason, and this month's usage. */
export const TrafficReport = z.object({
  downloadBytesPerSecond: z.number().nonnegative(),
  uploadBytesPerSecond: z.number().nonnegative(),
  limits: z.object({
    downloadBytesPerSecond: z.number().nullable(),
    uploadBytesPerSecond: z.number().nullable(),
    /** Reason for the limits: the normal limits, the alternative ones by hand or by schedule, or a used-up budget. */
    because: z.enum(['limits', 'by-hand', 'schedule', 'budget']),
  }),
  month: z.object({
    /** The first day, as YYYY-MM-DD. */
    since: z.iso.date(),
    receivedBytes: z.int().nonnegative(),
    sentBytes: z.int().nonnegative(),
    /** Bytes that count towards the budget. */
    countedBytes: z.int().nonnegative(),
    budgetBytes: z.int().nullable(),
    /** Forecast of the counted bytes at the month's end, at the current rate; null on the first day. */
    forecastBytes: z.number().nonnegative().nullable(),
    budget: BudgetState,
  }),
});
export type TrafficReport = z.output<typeof TrafficReport>;

/** Returns the traffic of this node, for all its replicas together. */
export const GetTraffic = request({
  subject: 'transfer.traffic',
  request: z.object({}),
  reply: TrafficReport,
  timeoutMs: 5_000,
});

/** Bytes that one process of transfer has counted on one day so far; the latest value of a counter is valid. */
export const TrafficCounted = event({
  stream: 'TRANSFERS',
  subject: 'transfers.traffic.counted',
  schema: z.object({
    /** Random name of one process lifetime. */
    counter: z.string().min(1).max(64),
    day: z.iso.date(),
    receivedBytes: z.int().nonnegative(),
    sentBytes: z.int().nonnegative(),
  }),
  key: (traffic) => `${traffic.counter}:${traffic.day}:${traffic.receivedBytes}:${traffic.sentBytes}`,
});
