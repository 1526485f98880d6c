import type { LayoutServerLoad } from './$types';

/** Where nothing else is known (the error page, the gallery), times are the home site's. */
const homeTimeZone = 'Asia/Shanghai';

/** How the page speaks and looks, for every page. */
export const load: LayoutServerLoad = ({ locals }) => ({
  lang: locals.lang,
  elder: locals.elder,
  theme: locals.theme,
  timeZone: locals.site?.timeZone ?? homeTimeZone,
});
