import type { Me } from './api.ts';

/** What a role does at the desk beside the resources that it manages: pages, by the key of their words in `vehicles.work`. */
export type DeskWork = { href: string; words: 'roster' };

/** The desk's other pages for a person. */
export function deskWorkOf(me: Me): DeskWork[] {
  const keepsRoster = me.roles.some(({ role }) => role === 'committee' || role === 'site-administrator');
  return keepsRoster ? [{ href: '/desk/roster', words: 'roster' }] : [];
}
