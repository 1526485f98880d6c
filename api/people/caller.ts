import type { RoleName } from './schemas.ts';

/** Who is asking: known from the session, without a query in the usual case. */
export type Caller = {
  siteId: number;
  personId: string;
  sessionId: string;
  roles: readonly { role: RoleName; organisationId: string | null }[];
};

/** Whether the caller holds one of these roles in an organisation; a role without one holds everywhere. */
export function holdsRole(caller: Pick<Caller, 'roles'>, roles: readonly string[], organisationId: string): boolean {
  return caller.roles.some(
    (held) => roles.includes(held.role) && (held.organisationId === null || held.organisationId === organisationId),
  );
}
