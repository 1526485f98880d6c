import { error, redirect } from '@sveltejs/kit';
import { deskWorkOf } from '$lib/desk-work.ts';
import { signInPath } from '$lib/page-paths.ts';
import type { PageServerLoad } from './$types';

/** What somebody can do at the desk who manages no resources, e.g. a residents' committee. */
export const load: PageServerLoad = async ({ url, parent }) => {
  const { me } = await parent();
  if (me === null) redirect(303, signInPath(url));
  const work = deskWorkOf(me);
  if (work.length === 0) error(403);
  return { work };
};
