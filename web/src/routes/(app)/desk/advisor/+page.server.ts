import { error, redirect } from '@sveltejs/kit';
import { apiClient, required, unwrap } from '$lib/api.ts';
import { signInPath } from '$lib/page-paths.ts';
import type { PageServerLoad } from './$types';

/** For those who run a line: today's timetable beside the one that would serve most. */
export const load: PageServerLoad = async ({ fetch, locals, url }) => {
  if (locals.me === null) redirect(303, signInPath(url));
  const { advice } = apiClient(fetch, locals.lang).shuttle;
  const chosen = periodIn(url);
  const asked = await unwrap(advice.$get({ query: chosen }));
  if (!asked.ok && asked.problem.status === 404) error(403);
  const refused = asked.ok || chosen.from === undefined ? null : asked.problem;
  // Dates that the advisor refuses are said so, above what it says of the usual ones.
  return { advice: required(refused ? await unwrap(advice.$get({ query: {} })) : asked), refused };
};

const isDate = (text: string | null): text is string => text !== null && /^20\d\d-\d\d-\d\d$/.test(text);

/** The dates of the demand; both or none. */
function periodIn({ searchParams }: URL): { from?: string; to?: string } {
  const [from, to] = [searchParams.get('from'), searchParams.get('to')];
  return isDate(from) && isDate(to) ? { from, to } : {};
}
