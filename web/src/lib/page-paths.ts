/** The `action` of a form on this page that keeps its choices, so that a refusal shows the same page again. */
export function actionPath(url: URL, name: string): string {
  const query = withoutAction(url).slice(url.pathname.length + 1);
  return `?/${name}${query === '' ? '' : `&${query}`}`;
}

/** The sign-in page, which leads back to where the person was. */
export const signInPath = (url: URL): string => `/sign-in?to=${encodeURIComponent(withoutAction(url))}`;

/** Where `?to=` may lead: a path of this site, else home. `//host`, `/\host` and full addresses would leave it. */
export function safeReturnPath(to: string | null | undefined): string {
  if (to === null || to === undefined || !/^\/(?![/\\])/.test(to) || hasControlCharacter(to)) return '/';
  return to;
}

/** A form's `?/book` marks the action, not the page. */
function withoutAction(url: URL): string {
  const params = new URLSearchParams([...url.searchParams].filter(([name]) => !name.startsWith('/')));
  return url.pathname + (params.size === 0 ? '' : `?${params}`);
}

const hasControlCharacter = (text: string): boolean => [...text].some((character) => character.charCodeAt(0) < 32);
