import type { RunTimes } from '../run-rules.ts';
import type { Table } from './csv-table.ts';
import type { FeedLine } from './feed-lines.ts';
import type { Trip } from './planned-trips.ts';

/** Booked on the day itself, some minutes before; or up to the departure. */
const [upToDeparture, minutesBefore] = [0, 1];
/** Paid before boarding, and for no other bus. */
const [paidBefore, noTransfers] = [1, 0];

/** Trips that are sold alike have one booking rule, which is named by its terms. */
export const bookingRuleOf = ({ opensDaysBefore, closesMinutesBefore }: RunTimes): string =>
  `opens-${opensDaysBefore}-days-closes-${closesMinutesBefore}-minutes`;

/**
 * When seats are sold, by the schedules: from the midnight some days before until some minutes before the departure at the stop. Both
 * languages stand in the message, since GTFS has no translations of this file.
 */
export function bookingRules(trips: readonly Trip[], origin: string): Table {
  const byId = new Map(trips.map(({ run }) => [bookingRuleOf(run.times), run.times]));
  const columns = ['booking_rule_id', 'booking_type', 'prior_notice_duration_min', 'prior_notice_start_day'];
  return {
    columns: [...columns, 'prior_notice_start_time', 'message', 'info_url', 'booking_url'],
    rows: [...byId].map(([id, { opensDaysBefore: days, closesMinutesBefore: minutes }]) => {
      const message = `请提前预约座位，发车前 ${minutes} 分钟截止。Book a seat, until ${minutes} minutes before departure.`;
      const notice = minutes === 0 ? [upToDeparture, null, null, null] : [minutesBefore, minutes, days, '00:00:00'];
      return [id, ...notice, message, `${origin}/shuttle`, `${origin}/shuttle`];
    }),
  };
}

/** Trips of a line at one price have one fare. */
export const fareOf = ({ run }: Pick<Trip, 'run'>): string => `${run.lineId}-${run.schedule.priceFen}`;

/** What a ride costs, whatever its length. */
export function fares(trips: readonly Trip[], lines: readonly FeedLine[], currency: string): Table {
  const byId = new Map(trips.map((trip) => [fareOf(trip), trip.run]));
  const agencyOf = new Map(lines.map(({ id, agency }) => [id, agency.id]));
  return {
    columns: ['fare_id', 'price', 'currency_type', 'payment_method', 'transfers', 'agency_id'],
    rows: [...byId].map(([id, { lineId, schedule }]) => [
      ...[id, decimal(schedule.priceFen), currency],
      ...[paidBefore, noTransfers, agencyOf.get(lineId) ?? null],
    ]),
  };
}

/** Which line a fare is of. */
export function fareRules(trips: readonly Trip[]): Table {
  const byId = new Map(trips.map((trip) => [fareOf(trip), trip.run.lineId]));
  return { columns: ['fare_id', 'route_id'], rows: [...byId] };
}

/** Minor units with two decimals, digit by digit. */
const decimal = (fen: number): string => `${Math.floor(fen / 100)}.${String(fen % 100).padStart(2, '0')}`;
