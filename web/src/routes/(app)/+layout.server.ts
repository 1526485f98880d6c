import { error } from '@sveltejs/kit';
import type { LayoutServerLoad } from './$types';

/** The site with its clock, and who is signed in: read once per request in hooks.server.ts. */
export const load: LayoutServerLoad = ({ locals }) => {
  if (locals.site === null) error(503);
  return { site: locals.site, me: locals.me };
};
