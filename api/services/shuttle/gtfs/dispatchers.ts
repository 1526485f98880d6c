import { holdsRole, type Caller } from '../../../people/caller.ts';

/** Roles whose holders tell riders of a line what is different, and map apps where its buses are. */
export const dispatcherRoles: readonly string[] = ['dispatcher', 'site-administrator'];

/** The role in which a caller dispatches the lines of an organisation; null when in none. */
export const dispatchingRole = (caller: Caller, organisationId: string): string | null =>
  dispatcherRoles.find((role) => holdsRole(caller, [role], organisationId)) ?? null;

/** The organisations whose lines a caller dispatches: every one for who runs the whole site. */
export function dispatchedBy(caller: Caller): 'all' | readonly string[] {
  const held = caller.roles.filter(({ role }) => dispatcherRoles.includes(role));
  if (held.some(({ organisationId }) => organisationId === null)) return 'all';
  return held.flatMap(({ organisationId }) => organisationId ?? []);
}
