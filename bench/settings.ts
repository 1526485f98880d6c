import { parseInstant } from '../api/calendar/time.ts';
import { siteRow } from '../db/seed/caohejing.ts';

/** A Monday morning with runs open for a week. */
export const benchNowText = '2026-11-23T06:00:00+08:00';
export const benchNow = parseInstant(benchNowText);

export const secret = 'a-secret-of-the-bench-0123456789abcdef';

/** Nobody is turned away for asking too often. */
export const config = {
  isDemo: true,
  origin: null,
  sms: null,
  siteCode: siteRow.code,
  requestDeadlineMilliseconds: 10_000,
  gate: { secret: null, pushUrl: null, pushFolder: null },
  vehiclesPerPerson: 5,
  gtfs: { feedSeconds: 3600, realtimeSeconds: 15, positionSeconds: 5, positionStaleSeconds: 90 },
  requestsPerMinute: 1_000_000_000,
  addressRequestsPerMinute: 1_000_000_000,
};
