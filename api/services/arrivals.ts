import { z } from 'zod';
import { minutesAfter, minutesBefore, type Instant } from '../calendar/time.ts';
import type { SlotTimers } from '../engine/publish-slots.ts';
import type { Localized } from '../http/schemas.ts';

/**
 * When somebody may be checked in: settings in a schedule's rule, in minutes around an instant that the service names (a departure, the end of
 * a window). Without them one may be checked in while the booking lasts, and nobody is a no-show.
 */
export const checkInRule = z
  .strictObject({
    opensMinutesBefore: z.int().min(0).max(1440),
    closesMinutesAfter: z.int().min(0).max(1440),
    /** Whether who was not checked in by then is a no-show; not where nobody scans. */
    isRequired: z.boolean(),
  })
  .optional();

/** How long before its start a booking's person is reminded: a setting in a schedule's rule; nobody is without it. */
export const remindMinutesBefore = z.int().min(1).max(10_080).optional();

/** What a schedule's rule says of those who come. */
export type ArrivalRules = {
  checkIn?: z.infer<typeof checkInRule>;
  remindMinutesBefore?: z.infer<typeof remindMinutesBefore>;
};

/** The moments of one slot; the check-in opens before `opens` and closes after `closes`. */
export function arrivalsOf(
  { checkIn, remindMinutesBefore: remindMinutes }: ArrivalRules,
  { startsAt, opens, closes }: { startsAt: Instant; opens: Instant; closes: Instant },
): SlotTimers {
  return {
    ...(checkIn && {
      checkIn: {
        startsAt: minutesBefore(opens, checkIn.opensMinutesBefore),
        endsAt: minutesAfter(closes, checkIn.closesMinutesAfter),
        countsNoShows: checkIn.isRequired,
      },
    }),
    ...(remindMinutes !== undefined && { remindAt: minutesBefore(startsAt, remindMinutes) }),
  };
}

/** The sentence on no-shows to show before confirming; none where nobody is counted. */
export function noShowRule({ checkIn }: ArrivalRules, text: (minutes: number) => Localized) {
  return checkIn?.isRequired ? [{ name: 'no-show', text: text(checkIn.closesMinutesAfter) }] : [];
}
