import { redirect } from '@sveltejs/kit';
import { apiClient, unwrap } from '$lib/api.ts';
import { addDays, datesIn, monthOf } from '$lib/i18n/dates.ts';
import { signInPath } from '$lib/page-paths.ts';
import type { PageServerLoad } from './$types';

const monthsShown = 6;

/** Half a year of a swap, up to next month (`?to=` for another end). */
export const load: PageServerLoad = async ({ fetch, locals, params, url, parent }) => {
  const { site, me } = await parent();
  if (me === null) redirect(303, signInPath(url));
  const thisMonth = monthOf(datesIn(locals.lang, site.timeZone).dateOf(site.now));
  const asked = url.searchParams.get('to');
  const to = asked !== null && /^20\d{2}-(0[1-9]|1[0-2])$/.test(asked) ? asked : monthsLater(thisMonth, 1);
  const query = { from: monthsLater(to, 1 - monthsShown), to };
  const { parking } = apiClient(fetch, locals.lang);
  const answer = await unwrap(parking.agreements[':id']['swap-balance'].$get({ param: { id: params.id }, query }));
  const csv = `/api/v1/parking/agreements/${encodeURIComponent(params.id)}/swap-balance.csv?${new URLSearchParams(query)}`;
  return { answer, id: params.id, csv, earlier: monthsLater(to, -monthsShown), later: monthsLater(to, monthsShown) };
};

function monthsLater(month: string, count: number): string {
  let later = month;
  for (let step = 0; step < Math.abs(count); step++) later = monthOf(addDays(`${later}-01`, count > 0 ? 31 : -1));
  return later;
}
