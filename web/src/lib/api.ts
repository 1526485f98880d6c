import { error } from '@sveltejs/kit';
import type { ClientResponse } from 'hono/client';
import type { z } from 'zod';
import { createClient } from '../../../api/client.ts';
import type { Localized, ProblemDocument, ServiceKind } from '../../../api/http/schemas.ts';
import type { importReport, importSummary } from '../../../api/people/roster-schemas.ts';
import type { Me, RoleName, Site } from '../../../api/people/schemas.ts';
import type { Dish } from '../../../api/services/canteen/schemas.ts';
import type { OverstayAnswer, StandingAnswer } from '../../../api/services/parking/overstays/overstay-schemas.ts';
import type { AdviceAnswer } from '../../../api/services/shuttle/advisor/advice-schemas.ts';
import type { NoShowAnswer } from '../../../api/services/shuttle/standby/no-show-schemas.ts';
import type { StandbyAnswer } from '../../../api/services/shuttle/standby/standby-schemas.ts';
import type { BookingAnswer, BookingRequest, ResourceAnswer, WaitlistAnswer } from '../../../api/services/registry.ts';
import type { PresenceAnswer, UnmatchedAnswer } from '../../../api/services/parking/gates/gate-schemas.ts';
import type { CapacityChangeAnswer, CapacityPlanAnswer, undoPlan } from '../../../api/services/capacity-schemas.ts';
import type { entitlementsAnswer, monthOffer } from '../../../api/services/parking/months/month-schemas.ts';
import type { ManifestAnswer, ScansAnswer } from '../../../api/services/shuttle/boarding/boarding-schemas.ts';
import type { roundAnswer } from '../../../api/services/parking/months/round-schemas.ts';
import type {
  AgreementAnswer,
  AgreementEffectsAnswer,
  AgreementTerms,
  ProposalAnswer,
  SwapBalanceAnswer,
} from '../../../api/services/parking/agreements/agreement-schemas.ts';
import type { StandingDayAnswer, StandingRideAnswer } from '../../../api/services/shuttle/standing/standing-schemas.ts';
import type { AlertAnswer } from '../../../api/services/shuttle/gtfs/alert-schemas.ts';
import type {
  EffectsAnswer,
  LineTimetablesAnswer,
  RunChangeAnswer,
  RunPlanAnswer,
} from '../../../api/services/shuttle/timetable/timetable-schemas.ts';
import type { bookingState, slotAnswer, slotState } from '../../../api/services/schemas.ts';
import type { Lang } from './i18n/lang.ts';

export type { BookingRequest, Dish, Localized, Me, RoleName, ServiceKind, Site };
export type { AgreementTerms };
export type Agreement = AgreementAnswer;
export type AgreementEffects = AgreementEffectsAnswer;
export type Proposal = ProposalAnswer;
export type SwapBalance = SwapBalanceAnswer;
export type ApiClient = ReturnType<typeof createClient>;
export type Booking = BookingAnswer;
export type BookingState = z.infer<typeof bookingState>;
export type CapacityChange = CapacityChangeAnswer;
export type CapacityPlan = CapacityPlanAnswer;
export type LotPresence = PresenceAnswer;
export type UnmatchedSight = UnmatchedAnswer;
export type RosterImport = z.infer<typeof importSummary>;
export type RosterReport = z.infer<typeof importReport>;
export type Waiting = WaitlistAnswer;
export type UndoPlan = z.infer<typeof undoPlan>;
export type Overstay = OverstayAnswer;
export type NoShow = NoShowAnswer;
export type StandbyPlace = StandbyAnswer;
export type ServiceAlert = AlertAnswer;
export type ParkingStanding = StandingAnswer;
export type RunChange = RunChangeAnswer;
export type RunPlan = RunPlanAnswer;
export type RunEffects = EffectsAnswer;
export type LineTimetables = LineTimetablesAnswer;
export type Resource = ResourceAnswer;
export type ResourceOf<Kind extends ServiceKind> = Extract<ResourceAnswer, { kind: Kind }>;
export type ParkingEntitlements = z.infer<typeof entitlementsAnswer>;
export type ParkingMonthOffer = z.infer<typeof monthOffer>;
export type Manifest = ManifestAnswer;
export type ScanAnswer = ScansAnswer['items'][number];
export type ParkingRound = z.infer<typeof roundAnswer>;
export type ShuttleAdvice = AdviceAnswer;
export type StandingRide = StandingRideAnswer;
export type StandingDay = StandingDayAnswer;
export type Slot = z.infer<typeof slotAnswer>;
export type SlotState = z.infer<typeof slotState>;

/** Set by the API when a session begins, and by the sign-in page on its behalf. */
export const sessionCookie = 'chaoxi_session';

/**
 * The one typed client of the pages: `apiClient(fetch, lang).slots.$get({ query })`. Hand it the `fetch` of a load
 * function or an action, which carries the caller's cookie.
 */
export const apiClient = (fetch: typeof globalThis.fetch, lang: Lang) =>
  createClient('', { fetch, headers: { 'accept-language': lang } });

/** A refusal by the API; `name` is the slug of its type, e.g. `slot-full`, or the rule's name for `/problems/rule`. */
export type Problem = ProblemDocument & { name: string };
export type Answer<Value> = { ok: true; status: number; value: Value } | { ok: false; problem: Problem };

/** The value of the answers that may have a 2xx status; problems have none. */
type SuccessOf<Response> =
  Response extends ClientResponse<infer Value, infer Status, infer _Format>
    ? [Extract<`${Status}`, `2${string}`>] extends [never]
      ? never
      : Value
    : never;

/** Turns a response into a value or a problem that a page can show. Throws only when there is no response at all. */
export async function unwrap<Response extends ClientResponse<unknown, number, string>>(
  call: Promise<Response>,
): Promise<Answer<SuccessOf<Response>>> {
  return unwrapRaw<SuccessOf<Response>>(call);
}

/** The same for a response that did not come by the typed client, e.g. to a file. */
export async function unwrapRaw<Value>(
  call: Promise<Pick<Response, 'ok' | 'status' | 'text'>>,
): Promise<Answer<Value>> {
  const response = await call;
  const { status } = response;
  const text = await response.text();
  if (response.ok) return { ok: true, status, value: (text === '' ? null : JSON.parse(text)) as Value };
  return { ok: false, problem: problemFrom(text, status) };
}

function problemFrom(text: string, status: number): Problem {
  const unreadable: Problem = { type: '/problems/unreadable', name: 'unreadable', title: `HTTP ${status}`, status };
  try {
    const document: unknown = JSON.parse(text);
    if (!isProblemDocument(document)) return unreadable;
    const slug = document.type.slice(document.type.lastIndexOf('/') + 1);
    return { ...document, name: slug === 'rule' ? (document.rule ?? slug) : slug };
  } catch {
    // Not JSON: a proxy's or a crashed server's page. The status is all that can be told.
    return unreadable;
  }
}

const isProblemDocument = (document: unknown): document is ProblemDocument =>
  typeof document === 'object' && document !== null && 'type' in document && typeof document.type === 'string';

/** The value, or the error page with the problem's own words: for what a page cannot do without. */
export function required<Value>(answer: Answer<Value>): Value {
  if (answer.ok) return answer.value;
  error(answer.problem.status, answer.problem.detail ?? answer.problem.title);
}

/** Headers that make a form's second sending harmless; `key` is the form's hidden field. */
export const idempotency = (form: FormData) => {
  const key = form.get('key');
  return { headers: { 'idempotency-key': typeof key === 'string' && key !== '' ? key : crypto.randomUUID() } };
};
