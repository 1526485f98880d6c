import { z } from 'zod';
import { runDayChangeKinds } from '../../../../db/schema/index.ts';
import { id, instantText, isoDate, localized, shortText } from '../../../http/schemas.ts';
import { roleName } from '../../../people/schemas.ts';
import { displacedBooking, promotedEntry } from '../../capacity-schemas.ts';
import { maskedPerson } from '../../schemas.ts';
import { direction } from '../run-rules.ts';
import { runDayAnswer } from '../schemas.ts';

export type { Localized } from '../../../http/schemas.ts';

const localTime = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$/)
  .meta({ description: 'local time at the first stop', example: '08:10' });

const reason = shortText(200).meta({ description: 'riders read it' });
const dryRun = z.boolean().default(false).meta({ description: 'true: only shows what would be done' });

/** What becomes of a run on one date. */
export const runChangeRequest = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('cancelled'), reason, dryRun }),
  z.strictObject({ kind: z.literal('retimed'), departs: localTime, reason, dryRun }),
  z.strictObject({ kind: z.literal('flipped'), departs: localTime.optional(), reason, dryRun }),
]);

export const newRunRequest = z.strictObject({
  serviceDate: isoDate,
  departs: localTime,
  direction,
  lineId: id,
  reason,
  dryRun,
});

export const runDayParam = z.object({ runId: id, date: isoDate });

export const runChangeQuery = z.strictObject({ date: isoDate, lineId: id.optional() });

/** At most so many people are listed of each kind; the counts are of all. */
export const maxListed = 200;

const movedRide = z.object({
  bookingId: id,
  person: maskedPerson,
  units: z.int(),
  from: instantText.meta({ description: 'when it left their stop' }),
  to: instantText,
});

/** What a change of runs makes of those who have booked them or wait for them. */
const effects = {
  counts: z.object({
    moved: z.int().meta({ description: 'who goes along at the new time, and is told' }),
    displaced: z.int(),
    withAlternative: z.int().meta({ description: 'how many of them are offered another run' }),
    leftQueue: z.int().meta({ description: 'who waited for a ride that is not there any more, and is told' }),
    leftStandby: z.int().meta({ description: 'who stood by for a ride that is not there any more, and is told' }),
    waitOn: z.int().meta({ description: 'who waits or stands by on, at another time, and is told' }),
    restored: z.int(),
    notRestored: z.int(),
    promoted: z.int(),
  }),
  moved: z.array(movedRide).max(maxListed),
  displaced: z.array(displacedBooking).max(maxListed),
  leftQueue: z.array(z.object({ waitlistId: id, person: maskedPerson })).max(maxListed),
  restored: z.array(z.object({ bookingId: id, person: maskedPerson })).max(maxListed),
  notRestored: z
    .array(
      z.object({
        bookingId: id,
        person: maskedPerson,
        why: z.enum(['accepted-alternative', 'ended', 'begun', 'closed', 'full', 'overlap']),
      }),
    )
    .max(maxListed),
  promoted: z.array(promotedEntry).max(maxListed),
};

/** The plan of a change of one run's day; `applied` says whether it was carried out. */
export const runPlan = z
  .object({
    applied: z.boolean(),
    changeId: id.nullable().meta({ description: 'what it is kept as, to be looked at or taken back' }),
    before: runDayAnswer.nullable(),
    after: runDayAnswer.nullable(),
    ...effects,
  })
  .meta({ id: 'RunPlan' });
export type RunPlanAnswer = z.infer<typeof runPlan>;
export type EffectsAnswer = Pick<RunPlanAnswer, keyof typeof effects>;

const actor = z.object({ role: roleName, person: maskedPerson });

/** What was changed of a run for a date, and what it came to. */
export const runChangeAnswer = z
  .object({
    id,
    runId: id,
    serviceDate: isoDate,
    title: localized.meta({ description: 'what the run is called by this change; by what it was, if cancelled' }),
    kind: z.enum(runDayChangeKinds),
    reason: z.string(),
    departsBefore: z.string().nullable(),
    directionBefore: direction.nullable(),
    departsAfter: z.string().nullable(),
    directionAfter: direction.nullable(),
    at: instantText,
    actor,
    moved: z.int(),
    displaced: z.int(),
    withAlternative: z.int(),
    leftQueue: z.int(),
    undoneAt: instantText.nullable(),
    isLatest: z
      .boolean()
      .meta({ description: 'the latest of its run and date that stands: only that one can be taken back' }),
  })
  .meta({ id: 'RunChange' });
export type RunChangeAnswer = z.infer<typeof runChangeAnswer>;

export const runChangeList = z.object({ items: z.array(runChangeAnswer) });

const timetableRun = z.strictObject({ runId: id, departs: localTime, direction });

export const timetableRequest = z.strictObject({
  lineId: id,
  validFrom: isoDate.meta({ description: 'the first date, tomorrow at the earliest' }),
  runs: z.array(timetableRun).min(1).max(100).meta({ description: 'all of them; one that is left out does not run' }),
  reason,
  dryRun,
});

export const timetableQuery = z.strictObject({ lineId: id.optional() });

/** The plan of a timetable; `applied` says whether it was made. */
export const timetablePlan = z
  .object({
    applied: z.boolean(),
    versionId: id.nullable(),
    validFrom: isoDate,
    runs: z.array(timetableRun),
    keptDays: z
      .array(z.object({ runId: id, date: isoDate }))
      .meta({ description: 'days that were changed one by one, which stay as they are' }),
    ...effects,
  })
  .meta({ id: 'TimetablePlan' });
export type TimetablePlanAnswer = z.infer<typeof timetablePlan>;

/** A timetable of a line and when it is valid. */
const timetableVersion = z.object({
  validFrom: isoDate.nullable().meta({ description: 'null: that with which the line was set up' }),
  validTo: isoDate.nullable(),
  runs: z.array(timetableRun).meta({ description: 'in order of departure' }),
  made: z
    .object({
      id,
      reason: z.string(),
      at: instantText,
      actor,
      moved: z.int(),
      displaced: z.int(),
      withAlternative: z.int(),
      leftQueue: z.int(),
      canUndo: z.boolean().meta({ description: 'it is the last one and has not begun' }),
    })
    .nullable(),
});

/** A line with its timetables, and what its buses allow. */
export const lineTimetables = z
  .object({
    lineId: id,
    name: localized,
    buses: z.int(),
    cycleMinutes: z.int().meta({ description: 'from a departure of a bus to its next' }),
    runsPerDay: z.int(),
    runs: z.array(z.object({ runId: id, run: z.int(), name: localized })).meta({ description: 'of the timetable' }),
    versions: z.array(timetableVersion).meta({ description: 'latest first' }),
  })
  .meta({ id: 'LineTimetables' });
export type LineTimetablesAnswer = z.infer<typeof lineTimetables>;

export const lineTimetablesList = z.object({ items: z.array(lineTimetables) });
