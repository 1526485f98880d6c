import { holdsRole, type Caller } from '../../../people/caller.ts';

/** Roles whose holders run a lender's parking. */
const staffRoles: readonly string[] = ['provider', 'site-administrator'];

/** Whether the caller runs the parking of a lender. */
export const isStaffOf = (caller: Caller, lender: string): boolean => holdsRole(caller, staffRoles, lender);

/** Whether the caller decides in disputes of a lender's. */
export const decidesFor = (caller: Caller, lender: string): boolean =>
  holdsRole(caller, ['site-administrator'], lender);

/** The lenders whose parking the caller runs: every one for who runs the whole site. */
export function lendersOf(caller: Caller): 'all' | readonly string[] {
  const held = caller.roles.filter(({ role }) => staffRoles.includes(role));
  if (held.some(({ organisationId }) => organisationId === null)) return 'all';
  return held.flatMap(({ organisationId }) => organisationId ?? []);
}
