import { apiClient, required, unwrap } from '$lib/api.ts';
import { addDays } from '$lib/i18n/dates.ts';
import { wordingIn } from '$lib/i18n/wording.ts';
import { lookAheadDays, tilesOf } from './tiles.ts';
import type { PageServerLoad } from './$types';

const bookingsShown = '3';
const slotLimit = '1000';

/** What is next for me, and what can I get today. */
export const load: PageServerLoad = async ({ fetch, locals, parent }) => {
  const { site, me } = await parent();
  const api = apiClient(fetch, locals.lang);
  const words = wordingIn(locals.lang, site.timeZone);
  const today = words.dates.dateOf(site.now);
  const days = { from: today, to: addDays(today, lookAheadDays - 1), limit: slotLimit };
  const slotsOf = async (query: Parameters<typeof api.slots.$get>[0]['query']) =>
    required(await unwrap(api.slots.$get({ query }))).items;

  const [resources, parking, canteen, shuttle, childcare, next] = await Promise.all([
    unwrap(api.resources.$get({ query: { limit: '200' } })),
    slotsOf({ kind: 'parking', ...days }),
    slotsOf({ kind: 'canteen', ...days }),
    slotsOf({ kind: 'shuttle', ...days }),
    slotsOf({ kind: 'childcare', limit: slotLimit }),
    me === null ? null : unwrap(api.bookings.$get({ query: { when: 'upcoming', limit: bookingsShown } })),
  ]);
  const slots = [...parking, ...canteen, ...shuttle, ...childcare];
  return {
    tiles: tilesOf(words, required(resources).items, slots, { now: site.now, today }),
    upcoming: next?.ok ? next.value.items : [],
  };
};
