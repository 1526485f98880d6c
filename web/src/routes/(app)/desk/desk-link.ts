import type { IsoDate } from '$lib/i18n/dates.ts';

/** The desk with its choices in the address. */
export function deskLink(choice: { resource: string; week: IsoDate; mode: 'slots' | 'pattern' }): string {
  const params = new URLSearchParams({ resource: choice.resource, week: choice.week });
  if (choice.mode === 'pattern') params.set('mode', 'pattern');
  return `/desk?${params}`;
}
