import { SignJWT, jwtVerify } from 'jose';
import { newId } from '../new-id.ts';
import type { Db } from '../../db/db.ts';
import type { Instant } from '../calendar/time.ts';
import { toTimestamp } from '../engine/sql-values.ts';
import type { Caller } from './caller.ts';

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
  // One per connection: on Workers a request may not wait for another one's.
  const loaders = new WeakMap<Db, CallerLoader>();

  function loaderOf(db: Db): CallerLoader {
    let loader = loaders.get(db);
    if (!loader) loaders.set(db, (loader = callerLoader(db)));
    return loader;
  }

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

  /** The token that names a session's row. */
  function tokenOf({ siteId, sessionId, expiresAt }: { siteId: number; sessionId: string; expiresAt: Instant }) {
    return new SignJWT({ site: siteId })
      .setProtectedHeader({ alg: 'HS256' })
      .setJti(sessionId)
      .setExpirationTime(Math.floor(expiresAt / 1000))
      .sign(key);
  }

  return {
    /** Also keys the hashes of one-time codes. */
    secret,

    /** Starts a session and returns its token. */
    async start(db: Db, siteId: number, personId: string, now: Instant): Promise<NewSession> {
      const sessionId = newId();
      const expiresAt = now + lifetimeDays * 86_400_000;
      await db.query(
        'INSERT INTO session (site_id, id, person_id, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)',
        [siteId, sessionId, personId, toTimestamp(now), toTimestamp(expiresAt)],
      );
      return { token: await tokenOf({ siteId, sessionId, expiresAt }), sessionId, expiresAt };
    },

    tokenOf,

    /** Who a token speaks for, if that was looked up some seconds ago; null when it has to be looked up. */
    knownCaller(token: string, now: Instant): Caller | null {
      const known = remembered.get(token);
      return known && now < known.recheckAt && now < known.expiresAt ? known.caller : null;
    },

    /**
     * Looks up who a token speaks for, and remembers it; null for a forged, expired or ended one, and for one of another site than
     * `ownSite` tells: sites may share a secret, but a role of one must not count on another.
     */
    async lookUpCaller(
      db: Db,
      token: string,
      now: Instant,
      ownSite: () => Promise<{ id: number }>,
    ): Promise<Caller | null> {
      const known = remembered.get(token);
      remembered.delete(token);
      // A signature that was good is good.
      const verified =
        known && now < known.expiresAt
          ? { ...known.caller, expiresAt: known.expiresAt }
          : await verifiedSession(token, now);
      if (!verified || verified.siteId !== (await ownSite()).id) return null;
      const caller = await loaderOf(db).load(verified.siteId, verified.sessionId);
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

type CallerLoader = ReturnType<typeof callerLoader>;

/**
 * Loads callers in batches: whoever asks while a query is under way shares the next one. When a company signs in at nine, one query
 * serves hundreds.
 */
function callerLoader(db: Db) {
  let waiting = new Map<string, { siteId: number; sessionId: string; caller: PromiseWithResolvers<Caller | null> }>();
  let isLoading = false;

  async function loadWaiting(): Promise<void> {
    isLoading = true;
    while (waiting.size > 0) {
      const batch = [...waiting.values()];
      waiting = new Map();
      try {
        const callers = await loadCallers(db, batch);
        for (const { siteId, sessionId, caller } of batch) {
          caller.resolve(callers.get(`${siteId}:${sessionId}`) ?? null);
        }
      } catch (error) {
        for (const { caller } of batch) caller.reject(error);
      }
    }
    isLoading = false;
  }

  return {
    load(siteId: number, sessionId: string): Promise<Caller | null> {
      const key = `${siteId}:${sessionId}`;
      const asked = waiting.get(key);
      if (asked) return asked.caller.promise;
      const caller = Promise.withResolvers<Caller | null>();
      waiting.set(key, { siteId, sessionId, caller });
      if (!isLoading) void loadWaiting();
      return caller.promise;
    },
  };
}

/** Who some sessions speak for; those that have ended are missing. Indexes: the primary keys of session and person_role. */
async function loadCallers(
  db: Db,
  asked: readonly { siteId: number; sessionId: string }[],
): Promise<Map<string, Caller>> {
  const rows = await db.query<Omit<Caller, 'roles'> & { roles: Caller['roles'] | null }>(
    `SELECT s.site_id AS "siteId", s.id AS "sessionId", s.person_id AS "personId",
       (SELECT jsonb_agg(jsonb_build_object('role', r.role, 'organisationId', r.organisation_id)) FROM person_role r
        WHERE r.site_id = s.site_id AND r.person_id = s.person_id) AS roles
     FROM unnest($1::int[], $2::uuid[]) AS a(site_id, id)
     JOIN session s ON s.site_id = a.site_id AND s.id = a.id WHERE s.revoked_at IS NULL`,
    [asked.map(({ siteId }) => siteId), asked.map(({ sessionId }) => sessionId)],
  );
  return new Map(
    rows.map(({ roles, ...caller }) => [`${caller.siteId}:${caller.sessionId}`, { ...caller, roles: roles ?? [] }]),
  );
}
