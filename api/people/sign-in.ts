import type { Db } from '../../db/db.ts';
import { dateOf, type Instant } from '../calendar/time.ts';
import type { SmsSender } from '../messages/sms.ts';
import { codeRules, issueCode, redeemCode, withdrawCode } from './one-time-code.ts';
import { normalisePhone } from './phone.ts';
import { findOrCreatePerson } from './profile.ts';
import type { NewSession, Sessions } from './sessions.ts';
import { makeResidents } from './verification.ts';

/** Where and when somebody signs in. */
type Place = { db: Db; site: { id: number; timeZone: string }; now: Instant };

/** What sign-in needs of the service. */
type Means = {
  sessions: Sessions;
  sms: SmsSender | null;
  config: { isDemo: boolean };
  /** Demo people are exempt from the caps. */
  isDemoPhone: (phone: string) => boolean;
};

export type CodeSent =
  | { ok: true; demoCode: string | null }
  | { ok: false; problem: 'bad-phone' }
  | { ok: false; problem: 'code-sent-already' }
  | { ok: false; problem: 'no-sms' }
  | { ok: false; problem: 'sms-failed' };

/** Sends a code to a phone, as often as the caps allow; in demo mode the code is the answer instead. */
export async function sendCode(
  { db, site, now }: Place,
  { sessions, sms, config, isDemoPhone }: Means,
  request: { phone: string; language: 'zh-CN' | 'en' },
): Promise<CodeSent> {
  const phone = normalisePhone(request.phone);
  if (!phone) return { ok: false, problem: 'bad-phone' };
  if (!sms && !config.isDemo) return { ok: false, problem: 'no-sms' };
  const isCapped = !(config.isDemo && isDemoPhone(phone));
  const code = await issueCode(db, { siteId: site.id, phone, now, secret: sessions.secret, isCapped });
  if (code === null) return { ok: false, problem: 'code-sent-already' };
  if (config.isDemo) return { ok: true, demoCode: code };
  try {
    await sms?.send(phone, codeMessage(code, request.language));
  } catch {
    // Nothing has reached the phone: the code is taken back, so that the next try need not wait.
    await withdrawCode(db, site.id, phone);
    return { ok: false, problem: 'sms-failed' };
  }
  return { ok: true, demoCode: null };
}

function codeMessage(code: string, language: 'zh-CN' | 'en'): string {
  const minutes = codeRules.lifetimeSeconds / 60;
  return language === 'en'
    ? `[Chaoxi] Your code is ${code}, good for ${minutes} minutes. Nobody of ours will ask you for it.`
    : `【潮汐】验证码 ${code}，${minutes} 分钟内有效。请勿告诉他人。`;
}

/** Exchanges a code for a session; null when the code is not right. Somebody new becomes a person without roles. */
export async function signIn(
  { db, site, now }: Place,
  { sessions }: Pick<Means, 'sessions'>,
  request: { phone: string; code: string },
): Promise<(NewSession & { personId: string }) | null> {
  const phone = normalisePhone(request.phone);
  if (!phone) return null;
  const isRight = await redeemCode(db, { siteId: site.id, phone, code: request.code, now, secret: sessions.secret });
  if (!isRight) return null;
  const { id: personId } = await findOrCreatePerson(db, site.id, phone);
  await makeResidents(db, { siteId: site.id, now, today: dateOf(now, site.timeZone) }, { phone });
  return { ...(await sessions.start(db, site.id, personId, now)), personId };
}
