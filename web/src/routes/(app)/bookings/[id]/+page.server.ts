import { fail, redirect } from '@sveltejs/kit';
import { apiClient, type ApiClient, type Booking, idempotency, required, unwrap } from '$lib/api.ts';
import { textOf } from '$lib/form-text.ts';
import { signInPath } from '$lib/page-paths.ts';
import { qrPicture } from '$lib/qr-picture.ts';
import type { Actions, PageServerLoad, RequestEvent } from './$types';
import { placeOf } from './place-of.ts';

/** Everything about one booking, and where it is. */
export const load: PageServerLoad = async ({ fetch, locals, params, url, parent }) => {
  if (locals.me === null) redirect(303, signInPath(url));
  const { site } = await parent();
  const api = apiClient(fetch, locals.lang);
  const booking = required(await unwrap(api.bookings[':id'].$get({ param: { id: params.id } })));
  return {
    booking,
    place: await placeOf(api, booking),
    pass: await passOf(api, booking),
    overstay: await overstayOf(api, booking),
    offer: booking.state === 'held' ? await offerOf(api, booking.id) : null,
    isNew: url.searchParams.has('new'),
    nightsToRelease: await releasableNights(api, booking, site.now),
    isReleasing: url.searchParams.has('release'),
    released: releasedFrom(url),
    isCancelling: url.searchParams.has('cancel'),
    isJustCancelled: url.searchParams.has('cancelled'),
    key: crypto.randomUUID(),
  };
};

export const actions: Actions = {
  cancel: async ({ fetch, locals, params, request, url }) => {
    if (locals.me === null) redirect(303, signInPath(url));
    const form = await request.formData();
    const call = apiClient(fetch, locals.lang).bookings[':id'].cancel.$post(
      { param: { id: params.id } },
      idempotency(form),
    );
    const answer = await unwrap(call);
    if (answer.ok) redirect(303, `/bookings/${params.id}?cancelled=1`);
    return fail(answer.problem.status, { problem: answer.problem, key: crypto.randomUUID() });
  },
  release: async ({ fetch, locals, params, request, url }) => {
    if (locals.me === null) redirect(303, signInPath(url));
    const form = await request.formData();
    const slotIds = form.getAll('night').filter((night) => typeof night === 'string');
    const call = { param: { id: params.id }, json: { slotIds } };
    const route = apiClient(fetch, locals.lang).parking.bookings[':id']['release-nights'];
    const done = await unwrap(route.$post(call, idempotency(form)));
    if (done.ok)
      redirect(303, `/bookings/${params.id}?released=${done.value.released.length}&credit=${done.value.creditFen}`);
    return fail(done.problem.status, { problem: done.problem, key: crypto.randomUUID() });
  },
  accept: (event) => answered(event, 'accept'),
  decline: (event) => answered(event, 'decline'),
};

/** What to show when one comes; null when there is nothing to show (any more), and for staff, whose booking it is not. */
async function passOf(api: ApiClient, booking: Booking) {
  if (booking.state !== 'confirmed') return null;
  const answer = await unwrap(api.bookings[':id'].pass.$get({ param: { id: booking.id } }));
  if (!answer.ok) return null;
  const { qr, ...pass } = answer.value;
  return { ...pass, picture: qrPicture(qr) };
}

/** The latest overstay of a stay of one's own; null when there is none. */
async function overstayOf(api: ApiClient, booking: Booking) {
  if (booking.kind !== 'parking') return null;
  const found = await unwrap(api.parking.overstays.$get({ query: { bookingId: booking.id, limit: '1' } }));
  return found.ok ? (found.value.items[0] ?? null) : null;
}

/** The nights of a stay that its holder may give back: of a month with what they are worth, else those that have not begun. */
async function releasableNights(api: ApiClient, booking: Booking, now: string) {
  if (booking.kind !== 'parking' || booking.state !== 'confirmed' || booking.lines.length < 2) return [];
  if (booking.details.month === null) {
    const ahead = booking.lines.filter(({ startsAt }) => Date.parse(now) < Date.parse(startsAt));
    return ahead.map(({ slotId, serviceDate }) => ({ slotId, serviceDate, creditFen: 0 }));
  }
  const held = await unwrap(api.parking.entitlements.$get());
  const month = held.ok ? held.value.items.find(({ bookingId }) => bookingId === booking.id) : undefined;
  return month?.nights.filter(({ releasable }) => releasable) ?? [];
}

/** What was just given back, as the address says. */
function releasedFrom(url: URL): { nights: number; creditFen: number } | null {
  const [nights, creditFen] = [Number(url.searchParams.get('released')), Number(url.searchParams.get('credit'))];
  return Number.isInteger(nights) && nights > 0 && Number.isInteger(creditFen) ? { nights, creditFen } : null;
}

/** The place in the queue that a hold was offered to. */
async function offerOf(api: ApiClient, bookingId: string) {
  const waits = await unwrap(api.waitlist.$get({ query: { state: 'offered' } }));
  return waits.ok ? (waits.value.items.find(({ offer }) => offer?.booking.id === bookingId) ?? null) : null;
}

/** Answers an offer: what came free, or what is held instead of a booking that gave way. */
async function answered({ fetch, locals, params, request, url }: RequestEvent, answer: 'accept' | 'decline') {
  if (locals.me === null) redirect(303, signInPath(url));
  const form = await request.formData();
  const entry = apiClient(fetch, locals.lang).waitlist[':id'];
  const call = { param: { id: textOf(form, 'entry') } };
  const done = await unwrap(
    answer === 'accept' ? entry.accept.$post(call, idempotency(form)) : entry.decline.$post(call, idempotency(form)),
  );
  if (done.ok) redirect(303, `/bookings/${params.id}`);
  return fail(done.problem.status, { problem: done.problem, key: crypto.randomUUID() });
}
