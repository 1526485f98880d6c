import { SignJWT, jwtVerify } from 'jose';
import { v7 as uuidv7 } from 'uuid';
import type { Db } from '../../db/db.ts';
import type { Instant } from '../calendar/time.ts';
import { toTimestamp } from '../engine/sql-values.ts';
import type { Caller } from './caller.ts';
import type { RoleName } from './schemas.ts';

const lifetimeDays = 30;
/** How long a caller is taken on trust before the database is asked again: the delay of a sign-out elsewhere. */
const recheckMilliseconds = 10_000;
const maxRemembered = 50_000;

export type NewSession = { token: string; sessionId: string; expiresAt: Instant };
export type Sessions = ReturnType<typeof createSessions>;

/**
 * Sessions are signed tokens that name a row; who the caller is, is remembered in process for some seconds, so that the hot
 * path neither checks a signature nor asks the database.
 */
export function createSessions(secret: string) {
  const key = new TextEncoder().encode(secret);
  const remembered = new Map<string, { caller: Caller; expiresAt: Instant; recheckAt: Instant }>();

  async function verifiedSession(token: string, now: Instant) {
    try {
      const { payload } = await jwtVerify(token, key, { algorithms: ['HS256'], currentDate: new Date(now) });
      return typeof payload.jti === 'string' && typeof payload['site'] === 'number'
        ? { sessionId: payload.jti, siteId: payload['site'], expiresAt: (payload.exp ?? 0) * 1000 }
        : null;
    } catch {
      // Whatever is wrong with it, a token that does not verify is no token.
      return null;
    }
  }

  return {
    /** Also keys the hashes of one-time codes. */
    secret,

    /** Starts a session and returns its token. */
    async start(db: Db, siteId: number, personId: string, now: Instant): Promise<NewSession> {
      const sessionId = uuidv7();
      const expiresAt = now + lifetimeDays * 86_400_000;
      await db.query(
        'INSERT INTO session (site_id, id, person_id, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)',
        [siteId, sessionId, personId, toTimestamp(now), toTimestamp(expiresAt)],
      );
      const token = await new SignJWT({ site: siteId })
        .setProtectedHeader({ alg: 'HS256' })
        .setJti(sessionId)
        .setExpirationTime(Math.floor(expiresAt / 1000))
        .sign(key);
      return { token, sessionId, expiresAt };
    },

    /** Who a token speaks for; null for a forged, expired or ended one. */
    async callerOf(db: Db, token: string, now: Instant): Promise<Caller | null> {
      const known = remembered.get(token);
      if (known && now < known.recheckAt && now < known.expiresAt) return known.caller;
      remembered.delete(token);
      const verified = await verifiedSession(token, now);
      if (!verified) return null;
      const caller = await loadCaller(db, verified.siteId, verified.sessionId);
      if (!caller) return null;
      remembered.set(token, { caller, expiresAt: verified.expiresAt, recheckAt: now + recheckMilliseconds });
      if (remembered.size > maxRemembered) remembered.delete(remembered.keys().next().value ?? '');
      return caller;
    },

    /** Ends a session: at once in this process, within seconds in others. */
    async end(db: Db, caller: Caller, token: string, now: Instant): Promise<void> {
      remembered.delete(token);
      await db.query('UPDATE session SET revoked_at = $3 WHERE site_id = $1 AND id = $2 AND revoked_at IS NULL', [
        caller.siteId,
        caller.sessionId,
        toTimestamp(now),
      ]);
    },
  };
}

/** Index: the primary keys of session and person_role's unique index. */
async function loadCaller(db: Db, siteId: number, sessionId: string): Promise<Caller | null> {
  const rows = await db.query<{ personId: string; role: RoleName | null; organisationId: string | null }>(
    `SELECT s.person_id AS "personId", r.role, r.organisation_id AS "organisationId"
     FROM session s LEFT JOIN person_role r ON r.site_id = s.site_id AND r.person_id = s.person_id
     WHERE s.site_id = $1 AND s.id = $2 AND s.revoked_at IS NULL`,
    [siteId, sessionId],
  );
  const first = rows[0];
  if (!first) return null;
  return {
    siteId,
    sessionId,
    personId: first.personId,
    roles: rows.flatMap(({ role, organisationId }) => (role ? [{ role, organisationId }] : [])),
  };
}
