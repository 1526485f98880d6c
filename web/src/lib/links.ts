import type { Booking } from './api.ts';
import type { IsoDate } from './i18n/dates.ts';

/** Portions by dish. */
export type Order = Readonly<Record<string, number>>;

export interface CanteenChoice {
  date?: IsoDate | undefined;
  /** The canteen. */
  at?: string | undefined;
  /** The pick-up window. */
  slot?: string | undefined;
  order?: Order;
  confirm?: boolean;
}

/** The canteen page with everything chosen so far: the address holds the choice. */
export function canteenLink({ date, at, slot, order = {}, confirm = false }: CanteenChoice): string {
  const dishes = Object.entries(order).filter(([, quantity]) => quantity > 0);
  return linkTo('/canteen', [
    ['date', date],
    ['at', at],
    ['slot', slot],
    ...dishes.map(([dish, quantity]): [string, string] => [dishField(dish), String(quantity)]),
    ['confirm', confirm ? '1' : undefined],
  ]);
}

export interface ChildcareChoice {
  /** First day of the session. */
  session?: IsoDate | undefined;
  slot?: string | undefined;
  child?: string | undefined;
}

/** The summer classes; a chosen slot shows its confirm sheet. */
export const childcareLink = ({ session, slot, child }: ChildcareChoice): string =>
  linkTo('/childcare', [
    ['session', session],
    ['slot', slot],
    ['child', child],
    ['confirm', slot === undefined ? undefined : '1'],
  ]);

const dishPrefix = 'dish.';

/** The form field of a dish's portions. */
export const dishField = (dishId: string): string => dishPrefix + dishId;

/** The portions that an address or a form asks for; anything that is not a small whole number is none. */
export function orderIn(fields: Iterable<[string, FormDataEntryValue]>): Record<string, number> {
  const order: Record<string, number> = {};
  for (const [name, value] of fields) {
    const quantity = Number(value);
    const isPortions = name.startsWith(dishPrefix) && Number.isInteger(quantity) && quantity > 0 && quantity <= 10;
    if (isPortions) order[name.slice(dishPrefix.length)] = quantity;
  }
  return order;
}

/** The page on which the same thing can be booked once more. */
export function rebookLink(booking: Booking): string {
  const date = booking.serviceDate;
  const line = booking.lines[0];
  switch (booking.kind) {
    case 'canteen': {
      const order = Object.fromEntries(booking.details.items.map(({ dishId, quantity }) => [dishId, quantity]));
      const window = pickUpOf(booking);
      return canteenLink({ date, at: window?.resourceId, slot: window?.slotId, order });
    }
    case 'childcare':
      return childcareLink({ session: date, slot: line?.slotId, child: booking.details.childId });
    case 'shuttle': {
      const { boardStop, alightStop } = booking.details;
      return linkTo('/shuttle', [
        ['date', date],
        ['from', boardStop.stopId],
        ['to', alightStop.stopId],
      ]);
    }
    case 'parking':
      return linkTo('/parking', [
        ['lot', line?.resourceId],
        ['date', date],
      ]);
  }
}

/** The line of a meal that is its pick-up window; the others are the dishes. */
export function pickUpOf(booking: Extract<Booking, { kind: 'canteen' }>): Booking['lines'][number] | undefined {
  const dishes = new Set(booking.details.items.map(({ dishId }) => dishId));
  return booking.lines.find(({ resourceId }) => !dishes.has(resourceId));
}

function linkTo(path: string, parameters: readonly [string, string | undefined][]): string {
  const params = new URLSearchParams(
    parameters.filter((parameter): parameter is [string, string] => parameter[1] !== undefined),
  );
  return params.size === 0 ? path : `${path}?${params}`;
}
