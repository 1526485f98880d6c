import type { Me, RoleName } from './api.ts';

/** What a role does at the desk beside changing capacity: pages, by the key of their words in `desk.work`. */
const pages = [
  { words: 'advisor', href: '/desk/advisor', roles: ['dispatcher', 'site-administrator'] },
  { words: 'agreements', href: '/desk/agreements', roles: ['provider', 'committee', 'site-administrator'] },
  { words: 'gate', href: '/desk/gate', roles: ['provider', 'site-administrator'] },
  { words: 'noShows', href: '/desk/no-shows', roles: ['dispatcher', 'site-administrator'] },
  { words: 'overstays', href: '/desk/overstays', roles: ['provider', 'site-administrator'] },
  { words: 'alerts', href: '/desk/alerts', roles: ['dispatcher', 'site-administrator'] },
  { words: 'roster', href: '/desk/roster', roles: ['committee', 'site-administrator'] },
  { words: 'shuttle', href: '/desk/shuttle', roles: ['dispatcher', 'site-administrator'] },
  { words: 'timetables', href: '/desk/shuttle/timetables', roles: ['dispatcher', 'site-administrator'] },
] as const satisfies readonly { words: string; href: string; roles: readonly RoleName[] }[];

export type DeskWork = Pick<(typeof pages)[number], 'words' | 'href'>;

/** The desk's other pages for a person. */
export function deskWorkOf(me: Me): DeskWork[] {
  const held = new Set<string>(me.roles.map(({ role }) => role));
  return pages.filter(({ roles }) => roles.some((role) => held.has(role))).map(({ words, href }) => ({ words, href }));
}
