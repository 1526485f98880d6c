import { apiClient, required, unwrap, type ServiceKind } from '$lib/api.ts';
import { addDays } from '$lib/i18n/dates.ts';
import { wordingIn } from '$lib/i18n/wording.ts';
import { nightsShown, tilesOf } from './tiles.ts';
import type { PageServerLoad } from './$types';

const bookingsShown = '3';
/** More are told of as such. */
const noticesCounted = 9;
const slotLimit = '1000';
const soonDays = 2;
/** Further than the longest holiday. */
const lookAheadDays = 12;
/** Summer classes are enrolled for up to a year before. */
const seasonDays = 366;

/** What is next for me, and what can I get today. */
export const load: PageServerLoad = async ({ fetch, locals, parent }) => {
  const { site, me } = await parent();
  const api = apiClient(fetch, locals.lang);
  const words = wordingIn(locals.lang, site.timeZone);
  const today = words.dates.dateOf(site.now);
  const slotsOf = async (kind: ServiceKind, days: number) => {
    const query = { kind, from: today, to: addDays(today, days - 1), limit: slotLimit };
    return required(await unwrap(api.slots.$get({ query }))).items;
  };
  /** The next day or two answer almost always; only before a holiday is it worth to read further. */
  const soonSlotsOf = async (kind: ServiceKind) => {
    const soon = await slotsOf(kind, soonDays);
    return soon.some(({ state }) => state === 'open') ? soon : slotsOf(kind, lookAheadDays);
  };

  const [resources, parking, canteen, shuttle, childcare, next, notices] = await Promise.all([
    unwrap(api.resources.$get({ query: { limit: '200' } })),
    slotsOf('parking', nightsShown),
    soonSlotsOf('canteen'),
    soonSlotsOf('shuttle'),
    slotsOf('childcare', seasonDays),
    me === null ? null : unwrap(api.bookings.$get({ query: { when: 'upcoming', limit: bookingsShown } })),
    me === null ? null : unwrap(api.notices.$get({ query: { unread: 'true', limit: String(noticesCounted) } })),
  ]);
  const slots = [...parking, ...canteen, ...shuttle, ...childcare];
  return {
    tiles: tilesOf(words, required(resources).items, slots, { now: site.now, today }),
    upcoming: next?.ok ? next.value.items : [],
    notices: notices?.ok
      ? { items: notices.value.items, isMore: notices.value.nextCursor !== null }
      : { items: [], isMore: false },
  };
};
