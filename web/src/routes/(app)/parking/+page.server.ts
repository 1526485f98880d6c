import { fail, redirect } from '@sveltejs/kit';
import { afterBooking, waitingFrom } from '$lib/after-booking.ts';
import { apiClient, idempotency, required, unwrap, type BookingRequest, type ResourceOf, type Slot } from '$lib/api.ts';
import { textOf } from '$lib/form-text.ts';
import { addDays, datesIn, monthRange, type IsoDate } from '$lib/i18n/dates.ts';
import { signInPath } from '$lib/page-paths.ts';
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
  const lots = required(resources).items.filter((lot): lot is ResourceOf<'parking'> => lot.kind === 'parking');
  const choice = choiceFrom(url.searchParams, lots, tonight, today);
  const days = weekDays(choice.week);
  const range = choice.month === null ? null : monthRange(choice.month);

  const [slots, calendar, nightsOfMonth] = await Promise.all([
    slotsOf(choice.week, addDays(choice.week, daysRead)),
    unwrap(api.calendar.days.$get({ query: { from: choice.week, to: days.at(-1) } })),
    range === null ? [] : slotsOf(range.from, range.to, choice.lotId),
  ]);
  const ofLot = slots.filter(({ resourceId }) => resourceId === choice.lotId);
  const night = ofLot.find(({ serviceDate }) => serviceDate === choice.date) ?? null;
  return {
    today,
    choice,
    lots,
    tonight,
    days: required(calendar).items,
    nights: ofLot.filter(({ serviceDate }) => days.includes(serviceDate)),
    hasLater: slots.some(({ serviceDate }) => serviceDate > (days.at(-1) ?? '')),
    stays: night?.state === 'open' ? joinedStays(ofLot, night) : night === null ? [] : [[night]],
    elsewhere: slots.filter(
      (slot) => slot.serviceDate === choice.date && slot.resourceId !== choice.lotId && slot.state === 'open',
    ),
    months: monthsFrom(today),
    nightsOfMonth: nightsOfMonth.filter(({ state }) => state !== 'closed'),
    key: crypto.randomUUID(),
  };
};

export const actions: Actions = {
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
      allowPartial: textOf(form, 'way') === 'part',
    };
  }
  return { kind: 'parking', slotIds: textOf(form, 'slots').split(','), vehicleId, ...waitingFrom(form) };
}
