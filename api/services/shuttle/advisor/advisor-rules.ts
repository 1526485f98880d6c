import { z } from 'zod';

const localTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/);

/** How the advisor of a line counts and proposes: `shuttle_line.advisor`. What is left out is as said here (docs/domain.md, the advisor). */
export const advisorRule = z.strictObject({
  /** How far from their wish a rider still takes a run, earlier or later. */
  shiftMinutes: z.int().min(0).max(60).default(20),
  /** Departures are proposed in steps of so many minutes, between the first and the last. */
  gridMinutes: z.int().min(5).max(30).default(5),
  firstDeparture: localTime.default('06:30'),
  lastDeparture: localTime.default('21:30'),
  /** How many days it looks back when it is not told. */
  lookBackDays: z.int().min(1).max(366).default(56),
  /** On fewer days with demand it proposes nothing. */
  minDays: z.int().min(1).default(10),
  /** How long refusals and searches are kept. */
  keepDays: z.int().min(1).default(400),
  /** As how many riders a seat counts that was waited for, refused or only looked for. */
  waitingCounts: z.number().min(0).max(1).default(1),
  refusalCounts: z.number().min(0).max(1).default(1),
  searchCounts: z.number().min(0).max(1).default(0.1),
});
export type AdvisorRule = z.infer<typeof advisorRule>;

/** A local time in minutes of the day. */
export const minuteOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
