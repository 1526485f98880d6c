import { fail, redirect } from '@sveltejs/kit';
import { afterBooking, waitingFrom } from '$lib/after-booking.ts';
import { apiClient, idempotency, required, unwrap, type BookingRequest, type ResourceOf, type Slot } from '$lib/api.ts';
import { textOf } from '$lib/form-text.ts';
import { addDays, datesIn, monthRange, type IsoDate } from '$lib/i18n/dates.ts';
import { signInPath } from '$lib/page-paths.ts';
import { byWalk, isKnown } from '$lib/walking.ts';
import { choiceFrom, joinedStays, monthsFrom, weekDays } from './choice.ts';
import type { Actions, PageServerLoad } from './$types';

const slotLimit = '1000';
/** Further than a week: a stay that begins on Sunday may be joined with the next days. */
const daysRead = 14;

export const load: PageServerLoad = async ({ fetch, locals, url, parent }) => {
  const { site } = await parent();
  const api = apiClient(fetch, locals.lang);
  const { dateOf } = datesIn(locals.lang, site.timeZone);
  const today = dateOf(site.now);
  const slotsOf = async (from: IsoDate, to: IsoDate, resourceId?: string): Promise<Slot[]> => {
    const query = {
      kind: 'parking',
      from,
      to,
      limit: slotLimit,
      ...(resourceId === undefined ? {} : { resourceId }),
    } as const;
    return required(await unwrap(api.slots.$get({ query }))).items;
  };

  const [resources, tonight] = await Promise.all([
    unwrap(api.resources.$get({ query: { kind: 'parking', limit: '200' } })),
    slotsOf(today, today),
  ]);
  const offered = required(resources).items.filter((lot): lot is ResourceOf<'parking'> => lot.kind === 'parking');
  const start = startOf(offered, url.searchParams.get('near'));
  const lots = byWalk(offered, start?.place ?? null);
  const choice = choiceFrom(url.searchParams, lots, tonight, today);
  const days = weekDays(choice.week);
  const range = choice.month === null ? null : monthRange(choice.month);

  const grid = monthRange(choice.calendar);
  const me = locals.me;
  const vehicleId = vehicleFor(me?.vehicles ?? [], url.searchParams.get('vehicle'));
  const [slots, calendar, nightsOfMonth, gridNights, gridDays, held, rounds, offer] = await Promise.all([
    slotsOf(choice.week, addDays(choice.week, daysRead)),
    unwrap(api.calendar.days.$get({ query: { from: choice.week, to: days.at(-1) } })),
    range === null ? [] : slotsOf(range.from, range.to, choice.lotId),
    choice.lotId === '' ? [] : slotsOf(grid.from, grid.to, choice.lotId),
    unwrap(api.calendar.days.$get({ query: grid })),
    me === null ? null : unwrap(api.parking.entitlements.$get()),
    choice.lotId === '' ? null : unwrap(api.parking.rounds.$get({ query: { resourceId: choice.lotId } })),
    choice.month === null || vehicleId === null
      ? null
      : unwrap(api.parking.months.$get({ query: { resourceId: choice.lotId, month: choice.month, vehicleId } })),
  ]);
  const entitlements = held?.ok ? held.value : null;
  const ofLot = slots.filter(({ resourceId }) => resourceId === choice.lotId);
  const chosen = await slotsOfNights(choice.nights, (from, to) => slotsOf(from, to, choice.lotId));
  const night = ofLot.find(({ serviceDate }) => serviceDate === choice.date) ?? null;
  return {
    today,
    choice,
    lots,
    tonight,
    days: required(calendar).items,
    nights: ofLot.filter(({ serviceDate }) => days.includes(serviceDate)),
    hasLater: slots.some(({ serviceDate }) => serviceDate > (days.at(-1) ?? '')),
    start: start?.id ?? null,
    gridNights,
    gridDays: required(gridDays).items,
    chosen,
    entitlements,
    round: rounds?.ok ? (rounds.value.items.find(({ month }) => month === choice.month) ?? null) : null,
    drawn: lots.filter(({ facts }) => facts.monthlyRound === 'draw').map(({ id }) => id),
    offer: offer?.ok ? offer.value : null,
    vehicleId,
    stays: night?.state === 'open' ? joinedStays(ofLot, night) : night === null ? [] : [[night]],
    elsewhere: slots.filter(
      (slot) => slot.serviceDate === choice.date && slot.resourceId !== choice.lotId && slot.state === 'open',
    ),
    months: monthsFrom(today),
    nightsOfMonth: nightsOfMonth.filter(({ state }) => state !== 'closed'),
    key: crypto.randomUUID(),
  };
};

/** Where the walks begin: the lot that the address names, else the first whose place is known. */
function startOf(lots: readonly ResourceOf<'parking'>[], near: string | null): ResourceOf<'parking'> | null {
  const known = lots.filter(({ place }) => isKnown(place));
  return known.find(({ id }) => id === near) ?? known[0] ?? null;
}

/** The car that a month is looked at for: the one that the address names, else the first that is verified. */
function vehicleFor(vehicles: readonly { id: string; verified: boolean }[], asked: string | null): string | null {
  return (vehicles.find(({ id }) => id === asked) ?? vehicles.find(({ verified }) => verified))?.id ?? null;
}

/** The chosen nights that can still be had. */
async function slotsOfNights(
  nights: readonly IsoDate[],
  slotsOf: (from: IsoDate, to: IsoDate) => Promise<Slot[]>,
): Promise<Slot[]> {
  const [first, last] = [nights[0], nights.at(-1)];
  if (first === undefined || last === undefined) return [];
  const slots = await slotsOf(first, last);
  return slots.filter(({ serviceDate, state }) => nights.includes(serviceDate) && state === 'open');
}

export const actions: Actions = {
  enter: async ({ request, fetch, locals, url }) => {
    const form = await request.formData();
    const entries = apiClient(fetch, locals.lang).parking.rounds[':id'].entries;
    const call = { param: { id: textOf(form, 'round') }, json: { vehicleId: textOf(form, 'vehicle') } };
    const entered = await unwrap(entries.$post(call, idempotency(form)));
    if (entered.ok) redirect(303, url.pathname + keptQuery(url));
    if (entered.problem.status === 401) redirect(303, signInPath(url));
    return fail(entered.problem.status, { problem: entered.problem, key: crypto.randomUUID() });
  },
  withdraw: async ({ request, fetch, locals, url }) => {
    const form = await request.formData();
    const entry = apiClient(fetch, locals.lang).parking.rounds[':id'].entries[':entryId'];
    const call = { param: { id: textOf(form, 'round'), entryId: textOf(form, 'entry') } };
    const withdrawn = await unwrap(entry.withdraw.$post(call, idempotency(form)));
    if (withdrawn.ok) redirect(303, url.pathname + keptQuery(url));
    return fail(withdrawn.problem.status, { problem: withdrawn.problem, key: crypto.randomUUID() });
  },
  book: async ({ request, fetch, locals, url }) => {
    const form = await request.formData();
    const booked = await unwrap(
      apiClient(fetch, locals.lang).bookings.$post({ json: wishFrom(form) }, idempotency(form)),
    );
    if (booked.ok) redirect(303, afterBooking(booked.value));
    if (booked.problem.status === 401) redirect(303, signInPath(url));
    return fail(booked.problem.status, { problem: booked.problem, key: crypto.randomUUID() });
  },
};

/** A month when the form names one, else the nights of the stay. */
function wishFrom(form: FormData): BookingRequest {
  const vehicleId = textOf(form, 'vehicle');
  if (form.has('month')) {
    return {
      kind: 'parking',
      resourceId: textOf(form, 'lot'),
      month: textOf(form, 'month'),
      vehicleId,
      // Who waits, waits for all of it.
      allowPartial: textOf(form, 'way') === 'part' && !form.has('waitlist'),
      ...waitingFrom(form),
    };
  }
  return { kind: 'parking', slotIds: textOf(form, 'slots').split(','), vehicleId, ...waitingFrom(form) };
}

/** What the address chose, without the name of the action. */
function keptQuery(url: URL): string {
  const kept = new URLSearchParams([...url.searchParams].filter(([name]) => !name.startsWith('/')));
  return kept.size === 0 ? '' : `?${kept}`;
}
