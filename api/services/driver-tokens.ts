import { createHmac } from 'node:crypto';
import { SignJWT, jwtVerify } from 'jose';
import type { Instant, IsoDate } from '../calendar/time.ts';

/** What a driver's token names: a link that is kept, and for the driver's own pages the run that it is of. */
export type DriverToken = { siteId: number; linkId: string; runId: string; serviceDate: IsoDate; expiresAt: Instant };

export type DriverTokens = ReturnType<typeof createDriverTokens>;

const audience = 'chaoxi:driver';

/** Signs the tokens of drivers' links and knows them again. Nothing of them is kept: what may be done with one, its link's row says. */
export function createDriverTokens(secret: string) {
  // A key of its own: no session and no pass is good as a driver's token, nor the other way round.
  const key = createHmac('sha256', secret).update('chaoxi: driver links').digest();
  return {
    sign({ siteId, linkId, runId, serviceDate, expiresAt }: DriverToken): Promise<string> {
      return new SignJWT({ site: siteId, run: runId, date: serviceDate })
        .setProtectedHeader({ alg: 'HS256' })
        .setAudience(audience)
        .setJti(linkId)
        .setExpirationTime(Math.floor(expiresAt / 1000))
        .sign(key);
    },

    /** The link that a token names; null for one that was not signed here, is of another site or has expired. */
    async read(siteId: number, token: string, now: Instant): Promise<string | null> {
      try {
        const currentDate = new Date(now);
        const { payload } = await jwtVerify(token, key, { algorithms: ['HS256'], audience, currentDate });
        return payload['site'] === siteId && typeof payload.jti === 'string' ? payload.jti : null;
      } catch {
        // Whatever is wrong with it, a token that does not verify is no token.
        return null;
      }
    },
  };
}
