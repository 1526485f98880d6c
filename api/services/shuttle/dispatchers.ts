import { holdsRole, type Caller } from '../../people/caller.ts';

/** Roles whose holders run shuttle lines: timetable and days, riders who missed them, drivers' links, what riders and map apps are told. */
export const dispatcherRoles = ['dispatcher', 'site-administrator'] as const;

/** Whether a caller dispatches the lines of an organisation. */
export const dispatches = (caller: Caller, organisationId: string): boolean =>
  holdsRole(caller, dispatcherRoles, organisationId);

/** The role in which a caller dispatches the lines of an organisation: what riders are told instead of a name; null when in none. */
export const dispatchingRole = (caller: Caller, organisationId: string): string | null =>
  dispatcherRoles.find((role) => holdsRole(caller, [role], organisationId)) ?? null;

/** The organisations whose lines a caller dispatches: every one for who runs the whole site. */
export function dispatchedBy(caller: Caller): 'all' | readonly string[] {
  const held = caller.roles.filter(({ role }) => dispatcherRoles.some((dispatcher) => dispatcher === role));
  if (held.some(({ organisationId }) => organisationId === null)) return 'all';
  return held.flatMap(({ organisationId }) => organisationId ?? []);
}
