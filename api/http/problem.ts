import type { Context as HonoContext, TypedResponse } from 'hono';
import type { ClientErrorStatusCode, ContentfulStatusCode, ServerErrorStatusCode } from 'hono/utils/http-status';
import type { Localized, ProblemDocument } from './schemas.ts';

export type Language = 'zh-CN' | 'en';

/** A request of any route, whatever its middleware has added to it. */
// eslint-disable-next-line typescript/no-explicit-any -- hono's contexts are invariant in their variables
export type AnyContext = HonoContext<any>;

type ProblemText = { status: ContentfulStatusCode; title: Localized; detail: Localized };

const problem = (status: ContentfulStatusCode, title: [string, string], detail: [string, string]): ProblemText => ({
  status,
  title: { zh: title[0], en: title[1] },
  detail: { zh: detail[0], en: detail[1] },
});

/** Every problem that the API can answer with: status, title, and what to do next. */
export const problems = {
  'malformed-json': problem(
    400,
    ['请求内容不是有效的 JSON', 'The body is not valid JSON'],
    ['请检查请求内容的格式。', 'Check the syntax of the body.'],
  ),
  unauthenticated: problem(401, ['请先登录', 'Please sign in'], ['登录后再试。', 'Sign in and try again.']),
  'wrong-code': problem(
    401,
    ['验证码不正确', 'The code is not right'],
    ['请核对短信中的 6 位验证码，或重新获取。', 'Check the six digits, or ask for a new code.'],
  ),
  'bad-signature': problem(
    401,
    ['签名无效', 'The signature does not hold'],
    [
      '签名缺失、不正确或已过期，没有保存任何内容。请检查密钥和时钟。',
      'It is missing, wrong or too old, and nothing was kept. Check the secret and the clock.',
    ],
  ),
  'bad-link': problem(
    401,
    ['链接无效', 'The link does not open anything'],
    [
      '这个链接不完整、已过期或已被撤销，请向调度员要新的链接。',
      'It is incomplete, has expired or was revoked. Ask the dispatcher for a new one.',
    ],
  ),
  'cross-site': problem(
    403,
    ['请求来源不被接受', 'The request comes from another site'],
    ['请从本站页面操作。', 'Use the pages of this site.'],
  ),
  'not-found': problem(
    404,
    ['没有找到', 'Not found'],
    ['它不存在，或者不属于您。', 'It does not exist, or it is not yours.'],
  ),
  'slot-full': problem(
    409,
    ['已满', 'Fully booked'],
    ['这个时段已经订满，请选择其他时段。', 'Nothing is left of this slot. Please choose another.'],
  ),
  overlap: problem(
    409,
    ['与已有预约冲突', 'Overlaps another booking'],
    [
      '同一时间已有一个预约，请先取消或另选时段。',
      'There is a booking at that time already. Cancel it first, or choose another time.',
    ],
  ),
  'below-booked': problem(
    409,
    ['低于已预约数量', 'Below what is booked'],
    [
      '新容量低于已预约数量，没有作任何更改。请先查看受影响的时段。',
      'The new capacity is below what is booked, and nothing was changed. See the slots that it touches.',
    ],
  ),
  'already-checked-in': problem(
    409,
    ['已经核销', 'Checked in already'],
    ['这个预约已经核销过，不能再用一次。', 'This booking was checked in before, and cannot be used twice.'],
  ),
  'in-flight': problem(
    409,
    ['相同请求正在处理', 'The same request is under way'],
    ['请稍候再试。', 'Wait a moment and try again.'],
  ),
  stale: problem(
    412,
    ['内容已被更改', 'It has changed since'],
    [
      '在您查看之后有人作了更改，请重新查看后再提交。',
      'Somebody changed it after you looked. Look again, then submit.',
    ],
  ),
  'too-large': problem(
    413,
    ['请求内容过大', 'The body is too large'],
    ['请求内容不能超过 64 KiB。', 'A body may have 64 KiB at most.'],
  ),
  'unsupported-media-type': problem(
    415,
    ['不支持的内容类型', 'Unsupported media type'],
    ['请使用 application/json。', 'Send application/json.'],
  ),
  validation: problem(
    422,
    ['请求内容有误', 'The request is not valid'],
    ['请按 errors 中的说明修改。', 'Mend what `errors` names.'],
  ),
  rule: problem(
    422,
    ['不符合规则', 'A rule does not allow it'],
    ['请查看规则说明。', 'See the rules of this service.'],
  ),
  'key-reused': problem(
    422,
    ['幂等键已用于其他请求', 'The key belongs to another request'],
    ['请为新的请求使用新的 Idempotency-Key。', 'Use a new Idempotency-Key for a new request.'],
  ),
  'too-many-requests': problem(
    429,
    ['请求过于频繁', 'Too many requests'],
    ['请稍候再试。', 'Wait a moment and try again.'],
  ),
  'code-sent-already': problem(
    429,
    ['验证码已发送', 'A code was sent already'],
    ['请查看短信，或稍候再获取。', 'See your messages, or wait before asking again.'],
  ),
  internal: problem(
    500,
    ['服务出错了', 'Something went wrong here'],
    ['没有作任何更改。请稍后再试，并附上请求编号联系我们。', 'Try again later; if it stays, tell us the request id.'],
  ),
  busy: problem(
    503,
    ['服务繁忙', 'Busy'],
    ['请稍候再试，没有作任何更改。', 'Nothing was done. Try again in a moment.'],
  ),
  'database-away': problem(
    503,
    ['暂时无法访问数据库', 'The database is away'],
    [
      '请稍候用同一个 Idempotency-Key 重试，不会重复预约。',
      'Wait a moment and repeat the request with the same Idempotency-Key: it cannot book twice.',
    ],
  ),
  'no-feed': problem(
    503,
    ['没有实时更新', 'No live feed here'],
    ['请改为定时查询 GET /slots。', 'Ask GET /slots from time to time instead.'],
  ),
  'sms-failed': problem(
    503,
    ['短信没有发出', 'The message was not sent'],
    ['短信服务暂时不可用，请稍候再试。', 'The SMS service did not take it. Try again in a moment.'],
  ),
  'no-sms': problem(
    503,
    ['短信服务未配置', 'No SMS service'],
    ['暂时无法发送验证码，请联系管理员。', 'Codes cannot be sent at the moment. Please tell the administrator.'],
  ),
} satisfies Record<string, ProblemText>;

export type ProblemName = keyof typeof problems;

/** Rules that the engine and the common verbs refuse by; each service adds its own. */
export const commonRefusals: Readonly<Record<string, Localized>> = {
  'not-yet-open': {
    zh: '还没有开放预约，请在开放时间之后再来。',
    en: 'Booking is not open yet. Come back when it opens.',
  },
  'booking-closed': { zh: '预约已经截止，请选择之后的时段。', en: 'Booking has closed. Please choose a later slot.' },
  'slot-closed': { zh: '这个时段暂停开放，请选择其他时段。', en: 'This slot is closed. Please choose another.' },
  'cancel-too-late': {
    zh: '已过免费取消时间，请直接联系服务方。',
    en: 'The time to cancel has passed. Please contact the service desk.',
  },
  'no-offer': {
    zh: '目前没有可接受的名额，请耐心等候。',
    en: 'There is no offer to accept yet. You keep your place in line.',
  },
  'offer-lapsed': { zh: '名额保留时间已过，已转给下一位。', en: 'The offer has lapsed and went to the next in line.' },
  'already-left': { zh: '您已不在候补队列中。', en: 'You are not in this line any more.' },
  'already-over': { zh: '预约已经结束，无法取消。', en: 'This booking is over and cannot be cancelled.' },
  'too-many-slots': {
    zh: '一次更改的时段过多，请缩小日期范围。',
    en: 'Too many slots for one change. Please choose a shorter range.',
  },
  'slot-over': { zh: '所选时段已经结束，不能再更改。', en: 'A slot that is over cannot be changed any more.' },
  'no-slots': { zh: '所选日期没有可更改的时段。', en: 'There is no slot on those dates.' },
  'bookings-must-stay': {
    zh: '有预约不能调剂：有无障碍需求、已经到场，或者已经开始。没有作任何更改，请先与这些人联系。',
    en: 'Some bookings may not be displaced: accessible needs, already there, or in the middle of it. Nothing was changed; please talk to these people first.',
  },
  'too-many-displaced': {
    zh: '一次涉及的预约过多，请缩小日期范围。',
    en: 'Too many bookings are in the way of one change. Please choose a shorter range.',
  },
  'already-undone': { zh: '这次更改已经撤销过了。', en: 'This change was undone already.' },
  'changed-since': {
    zh: '这些时段之后又被改过，请先撤销后来的更改。',
    en: 'These slots were changed again since. Undo the later change first.',
  },
};

export type ProblemExtras = Partial<Omit<ProblemDocument, 'type' | 'title' | 'status'>> & Record<string, unknown>;

/** Typed as what it is, or the typed client would lose the types of a route's other answers. */
export type ProblemResponse = Response &
  TypedResponse<ProblemDocument, ClientErrorStatusCode | ServerErrorStatusCode, 'json'>;

/** Answers with an RFC 9457 problem document in the request's language. */
export function problemResponse(c: AnyContext, name: ProblemName, extras: ProblemExtras = {}): ProblemResponse {
  const { status, title, detail } = problems[name];
  const language: 'zh' | 'en' = c.get('language') === 'en' ? 'en' : 'zh';
  const requestId: unknown = c.get('requestId');
  const document = {
    type: `/problems/${name}`,
    title: title[language],
    status,
    detail: detail[language],
    ...extras,
    ...(status >= 500 && typeof requestId === 'string' ? { requestId } : {}),
  };
  return c.body(JSON.stringify(document), status, {
    'Content-Type': 'application/problem+json; charset=utf-8',
  }) as Response as ProblemResponse;
}
