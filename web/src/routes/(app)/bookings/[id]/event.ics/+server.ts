import { redirect } from '@sveltejs/kit';
import { apiClient, required, unwrap } from '$lib/api.ts';
import { bookingWords } from '$lib/booking-summary.ts';
import { icsOf } from '$lib/calendar-event.ts';
import { wordingIn } from '$lib/i18n/wording.ts';
import { signInPath } from '$lib/page-paths.ts';
import { placeOf } from '../place-of.ts';
import type { RequestHandler } from './$types';

/** The booking as a file that any calendar app takes. */
export const GET: RequestHandler = async ({ fetch, locals, params, url }) => {
  if (locals.me === null || locals.site === null) redirect(303, signInPath(url));
  const api = apiClient(fetch, locals.lang);
  const booking = required(await unwrap(api.bookings[':id'].$get({ param: { id: params.id } })));
  const wording = wordingIn(locals.lang, locals.site.timeZone);
  const place = await placeOf(api, booking);
  const words = bookingWords(booking, wording);
  const page = new URL(`/bookings/${booking.id}`, url);
  const file = icsOf({
    id: booking.id,
    title: `${wording.t.common.services[booking.kind]} · ${words.title}`,
    place: place === null ? undefined : wording.name(place),
    description: `${words.line}\n${wording.t.bookings.calendarDescription(page.href)}`,
    startsAt: booking.startsAt,
    endsAt: booking.endsAt,
    madeAt: locals.site.now,
    isCancelled: booking.state === 'cancelled',
  });
  return new Response(file, {
    headers: {
      'content-type': 'text/calendar; charset=utf-8',
      'content-disposition': `attachment; filename="chaoxi-${booking.serviceDate}.ics"`,
    },
  });
};
