import { z } from 'zod';
import { id, isoDate, localized } from '../../../http/schemas.ts';
import { direction } from '../run-rules.ts';

export const adviceQuery = z.strictObject({
  from: isoDate
    .optional()
    .meta({ description: 'first date of the demand; when left out, as far back as the line is set to' }),
  to: isoDate.optional().meta({ description: 'last date of the demand; yesterday when left out' }),
  lineId: id.optional().meta({ description: 'the first line that one runs when left out' }),
});

const riders = z.number().meta({ description: 'of an average day' });

const advisedTimetable = z.object({
  riders,
  runs: z
    .array(
      z.object({
        runId: id,
        run: z.int(),
        departs: z.string().meta({ description: 'local time' }),
        direction,
        riders,
        fullestLeg: riders.meta({ description: 'riders on its fullest leg, of an average day' }),
        rides: z
          .array(z.object({ fromStopId: id, toStopId: id, riders }))
          .meta({ description: 'which demand it serves, most riders first' }),
      }),
    )
    .meta({ description: 'in order of departure' }),
});

/** What a line's demand says of its timetable. */
export const adviceAnswer = z
  .object({
    line: z.object({
      id,
      name: localized,
      buses: z.int(),
      cycleMinutes: z.int().meta({ description: 'from a departure until the bus can depart again' }),
      seats: z.int(),
      shiftMinutes: z.int().meta({ description: 'how far from their wish riders still take a run' }),
    }),
    stops: z.array(z.object({ stopId: id, name: localized })).meta({ description: 'in inbound order' }),
    from: isoDate,
    to: isoDate,
    days: z.int().meta({ description: 'days with any demand' }),
    minDays: z.int().meta({ description: 'on fewer days nothing is proposed' }),
    state: z.enum(['not-enough-data', 'no-better', 'better']),
    isExact: z.boolean().meta({ description: 'no timetable serves more riders of the average day' }),
    counted: z
      .object({ booking: z.int(), waiting: z.int(), refusal: z.int(), search: z.int() })
      .meta({ description: 'seats that were wanted, in all' }),
    demand: z
      .array(
        z.object({
          direction,
          from: z.string().meta({ description: 'local time at which the quarter of an hour begins' }),
          riders,
          booking: z.int(),
          waiting: z.int(),
          refusal: z.int(),
          search: z.int(),
        }),
      )
      .meta({ description: 'by quarter of an hour at the stop where one boards, in order of time; seats in all' }),
    present: advisedTimetable,
    proposed: advisedTimetable.nullable().meta({ description: 'null unless it serves more' }),
  })
  .meta({ id: 'ShuttleAdvice' });
export type AdviceAnswer = z.infer<typeof adviceAnswer>;
