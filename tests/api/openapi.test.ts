import { beforeAll, describe, expect, test } from 'vitest';
import type { Access } from '../../api/http/describe.ts';
import { aDayAgreement } from '../support/agreements.ts';
import { problemOf, type Call } from '../support/call.ts';
import { aRun } from '../support/offers.ts';
import { anEmployee, staff } from '../support/person.ts';
import { aSite, type TestSite } from '../support/site.ts';

type Operation = {
  'x-access'?: Access;
  summary?: string;
  tags?: string[];
  security?: object[];
  responses?: Record<string, { description?: string; content?: Record<string, { schema: object }> }>;
  parameters?: { name: string; in: string; required?: boolean; schema: object }[];
  requestBody?: { content: Record<string, { schema: object }> };
};
type Document = {
  openapi: string;
  info: { title: string; version: string };
  servers: { url: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object>; securitySchemes: Record<string, object> };
};

/** The document itself and its reader are not a part of what they describe. */
const aboutTheApi = ['/openapi.json', '/docs'];

/** What the routes that answer with files send, by the end of their path. */
const typesOfFiles = {
  '.csv': ['text/csv'],
  '.zip': ['application/zip'],
  '.pb': ['application/x-protobuf', 'application/json'],
};

let site: TestSite;
let document: Document;
let operations: { method: string; path: string; operation: Operation }[];
beforeAll(async () => {
  site = await aSite([aRun()]);
  document = (await site.get<Document>('/openapi.json')).body;
  operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
});

/** The routes that the app really has, in the form of the document. */
function routesOfTheApp(): string[] {
  const routes = site.app.routes
    .filter(({ method, path }) => method !== 'ALL' && path.startsWith('/api/v1/'))
    .map(({ method, path }) => `${method} ${path.replace('/api/v1', '').replace(/:(\w+)/g, '{$1}')}`);
  return [...new Set(routes)].filter((route) => !aboutTheApi.some((path) => route.endsWith(` ${path}`))).toSorted();
}

describe('the OpenAPI document', () => {
  test('has every route of the app and no other', () => {
    expect(operations.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual(routesOfTheApp());
    expect(operations.length).toBeGreaterThanOrEqual(15);
  });

  test('says of each who may call it, what it does and what it answers', () => {
    for (const { method, path, operation } of operations) {
      const name = `${method} ${path}`;
      expect(['anyone', 'signed-in', 'staff'], name).toContain(operation['x-access']);
      expect(operation.summary, name).toMatch(/\S/);
      expect(operation.tags, name).toHaveLength(1);
      expect(operation.security, name).toEqual(
        operation['x-access'] === 'anyone' ? [] : [{ bearer: [] }, { cookie: [] }],
      );
      const statuses = Object.keys(operation.responses ?? {});
      expect(
        statuses.some((status) => status.startsWith('2')),
        name,
      ).toBe(true);
      for (const [status, response] of Object.entries(operation.responses ?? {})) {
        expect(response.description, `${name} ${status}`).toMatch(/\S/);
        const ofFiles = Object.entries(typesOfFiles).find(([end]) => path.endsWith(end))?.[1] ?? ['application/json'];
        const answer = name === 'GET /events' ? ['text/event-stream'] : ofFiles;
        const sent = status.startsWith('2') ? answer : ['application/problem+json'];
        const types = ['204', '304'].includes(status) ? [] : sent;
        expect(Object.keys(response.content ?? {}), `${name} ${status}`).toEqual(types);
      }
    }
  });

  test('names the validation problem wherever something is validated', () => {
    for (const { method, path, operation } of operations) {
      const isValidated = operation.requestBody !== undefined || (operation.parameters ?? []).length > 0;
      const text = operation.responses?.['422']?.description ?? '';
      expect([method, path, text.includes('/problems/validation')]).toEqual([method, path, isValidated]);
    }
  });

  test('is 3.1, with every reference and every path parameter in its place', () => {
    expect(document.openapi).toBe('3.1.0');
    expect(document.info).toMatchObject({ title: expect.any(String), version: expect.stringMatching(/^\d/) });
    expect(document.servers).toEqual([{ url: '/api/v1' }]);
    for (const reference of references(document)) expect(resolved(reference), reference).toBeDefined();
    expect(Object.keys(document.components.schemas)).toEqual(
      expect.arrayContaining(['Booking', 'Problem', 'Resource', 'Slot']),
    );
    for (const { path, operation } of operations) {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
      const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
      expect(declared.map(({ name }) => name)).toEqual(named);
      expect(declared.every(({ required }) => required === true)).toBe(true);
    }
  });

  test('shows the four forms of a booking request as they are validated', () => {
    const schema = document.paths['/bookings']?.['post']?.requestBody?.content['application/json']?.schema;
    const text = JSON.stringify(schema);
    for (const kind of ['parking', 'canteen', 'shuttle', 'childcare']) expect(text).toContain(`"const":"${kind}"`);
    expect(text).toContain('"additionalProperties":false');
    expect(text).toContain('"allowPartial"');
  });

  function references(value: unknown): string[] {
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).flatMap(([key, inner]) =>
      key === '$ref' && typeof inner === 'string' ? [inner] : references(inner),
    );
  }

  function resolved(reference: string): unknown {
    return reference
      .replace(/^#\//, '')
      .split('/')
      .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], document);
  }
});

test('the docs page shows the document without anything from another host', async () => {
  const page = await site.get<string>('/docs');
  expect(page.headers.get('content-type')).toContain('text/html');
  expect(page.headers.get('content-security-policy')).toContain("default-src 'self'");
  expect(page.body).not.toMatch(/(src|href)="?(https?:)?\/\//);
});

/**
 * The authorisation table: what each route answers to nobody, to a person without a role, and to an administrator, called with a
 * body that is allowed to everybody who may call the route. A route that is new must be put here.
 */
describe('every route keeps to its x-access', () => {
  const nowhere = crypto.randomUUID();
  const bodies: Record<string, unknown> = {
    'POST /auth/otp': { phone: '13900000779' },
    'POST /auth/session': { phone: '13900000779', code: '000000' },
    'PATCH /me': {},
    'POST /me/vehicles': { plate: '沪A1' },
    'PATCH /me/vehicles/{id}': { plate: '沪A12345' },
    'POST /rosters/{organisationId}/vehicles': { plate: '沪A1' },
    'POST /rosters/{organisationId}/imports/{id}/undo': {},
    'POST /bookings': {
      kind: 'shuttle',
      runId: 'run-2',
      serviceDate: '2026-11-24',
      boardStopId: 'moon',
      alightStopId: 'hq',
      seats: 1,
    },
    'POST /bookings/bundle': {
      bookings: [
        {
          kind: 'shuttle',
          runId: 'run-2',
          serviceDate: '2026-11-24',
          boardStopId: 'moon',
          alightStopId: 'hq',
          seats: 1,
        },
      ],
    },
    'POST /bookings/{id}/cancel': {},
    'POST /parking/bookings/{id}/release-nights': { slotIds: ['1'] },
    'POST /parking/rounds/{id}/entries': { vehicleId: nowhere },
    'POST /parking/rounds/{id}/entries/{entryId}/withdraw': {},
    'POST /check-ins': { code: '000000', at: '2026-11-23T09:00:00+08:00', nonce: 'scan-1' },
    'POST /shuttle/driver-links': { runId: 'no-such-run', serviceDate: '2026-11-24' },
    'POST /shuttle/driver-links/{id}/revoke': {},
    'POST /driver/check-ins': { scans: [{ code: '000000', at: '2026-11-23T09:00:00+08:00', nonce: 'scan-1' }] },
    'POST /driver/tally': {
      counts: [{ nonce: 'count-1', stopId: 'moon', withoutTicket: 1, alighted: 0, at: '2026-11-23T09:00:00+08:00' }],
    },
    'POST /driver/position': { lat: 31.17, lng: 121.39, at: '2026-11-23T09:00:00+08:00' },
    'POST /capacity-changes/{id}/undo': { dryRun: true },
    'POST /gates/events': {},
    'POST /parking/sights/{id}/assign': { bookingId: crypto.randomUUID() },
    'POST /parking/sights/{id}/dismiss': { reason: '访客' },
    'POST /parking/sights/{id}/reveal': {},
    'POST /notices/{id}/read': {},
    'POST /shuttle/alerts': {
      ...{ lineId: 'moon', cause: 'weather', effect: 'detour' },
      title: { zh: '绕行', en: 'Detour' },
    },
    'POST /shuttle/runs/{runId}/days/{date}/position': { lat: 31.17, lng: 121.39, at: '2026-11-23T09:00:00+08:00' },
    'POST /notices/read': {},
    'POST /shuttle/standing-rides': {
      ...{ runId: 'run-2', boardStopId: 'metro-l9', alightStopId: 'guangqi', seats: 1 },
      ...{ from: '2026-11-24', until: '2026-11-27', dryRun: true },
    },
    'PATCH /shuttle/standing-rides/{id}': {},
    'POST /shuttle/standing-rides/{id}/pause': { rides: 'keep' },
    'POST /shuttle/standing-rides/{id}/end': { rides: 'keep' },
    'POST /parking/overstays/{id}/appeal': { text: '道路施工' },
    'POST /parking/overstays/{id}/comment': { text: '情况属实' },
    'POST /parking/overstays/{id}/decision': { granted: true, reason: '情况属实' },
    'POST /parking/overstays/{id}/waiver': { reason: '暴雨' },
    'POST /shuttle/standby': {
      runId: 'run-2',
      serviceDate: '2026-11-24',
      boardStopId: 'moon',
      alightStopId: 'hq',
      seats: 1,
    },
    'POST /shuttle/no-shows/{id}/excuse': { reason: '车早开了' },
    'POST /parking/agreements/{id}/suspensions': { from: '2026-11-24', to: '2026-11-24', reason: '检修', dryRun: true },
    'POST /parking/agreements/{id}/resume': { from: '2026-11-24', reason: '好了', dryRun: true },
    'POST /parking/agreements/{id}/withdrawals': { from: '2026-11-24', to: '2026-11-24', spaces: 1, reason: '检修' },
    'POST /parking/agreement-proposals': {
      resourceId: 'no-such-night',
      terms: aDayAgreement(),
      effectiveFrom: '2026-11-24',
      reason: '新协议',
      dryRun: true,
    },
    'POST /parking/agreement-proposals/{id}/confirm': { dryRun: true },
    'POST /parking/agreement-proposals/{id}/reject': { reason: '不' },
    'POST /parking/agreement-proposals/{id}/withdraw': { reason: '不' },
    'POST /shuttle/runs/{runId}/days/{date}/changes': { kind: 'cancelled', reason: '检修', dryRun: true },
    'POST /shuttle/runs': {
      ...{ serviceDate: '2026-11-24', departs: '15:00', direction: 'inbound', lineId: 'tidal' },
      ...{ reason: '会议', dryRun: true },
    },
    'POST /shuttle/run-changes/{id}/undo': {},
    'POST /shuttle/timetables': {
      ...{ lineId: 'tidal', validFrom: '2026-11-30', reason: '客流变化', dryRun: true },
      runs: [{ runId: 'run-2', departs: '08:20', direction: 'inbound' }],
    },
    'POST /shuttle/timetables/{id}/undo': {},
    'POST /capacity-changes': {
      resourceId: 'run-2',
      from: '2026-11-24',
      to: '2026-11-24',
      capacity: 22,
      reason: '检修',
      dryRun: true,
    },
  };
  const queries: Record<string, string> = {
    'GET /menus': '?slotId=999999999',
    'GET /capacity-changes': '?resourceId=run-2',
    'GET /shuttle/run-changes': '?date=2026-11-24',
    'GET /shuttle/driver-links': '?runId=no-such-run&serviceDate=2026-11-24',
    'GET /shuttle/manifest': '?runId=no-such-run&serviceDate=2026-11-24',
    'GET /parking/months': `?resourceId=run-2&month=2026-12&vehicleId=${nowhere}`,
  };
  /** What a caller who is allowed gets, where that is not 200. */
  const allowed: Record<string, string> = {
    'POST /auth/otp': '202',
    'POST /auth/session': 'wrong-code',
    'DELETE /auth/session': '204',
    'POST /bookings': 'rule: stop-not-on-run',
    'POST /bookings/bundle': 'rule: stop-not-on-run',
    'GET /bookings/{id}': 'not-found',
    'GET /bookings/{id}/pass': 'not-found',
    'POST /check-ins': 'not-found',
    'POST /notices/{id}/read': 'not-found',
    'POST /notices/read': '204',
    'POST /bookings/{id}/cancel': 'not-found',
    'GET /capacity-changes/{id}': 'not-found',
    'POST /capacity-changes/{id}/undo': 'not-found',
    'POST /shuttle/run-changes/{id}/undo': 'not-found',
    'POST /shuttle/timetables/{id}/undo': 'not-found',
    'GET /menus': 'not-found',
    'POST /gates/events': 'bad-signature',
    'POST /shuttle/runs/{runId}/days/{date}/position': 'rule: run-not-today',
    'POST /shuttle/alerts': 'not-found',
    'POST /shuttle/alerts/{id}/end': 'not-found',
    'POST /shuttle/alerts/{id}/undo': 'not-found',
    'GET /parking/lots/{id}/presence': 'not-found',
    'GET /parking/lots/{id}/unmatched': 'not-found',
    'POST /parking/sights/{id}/assign': 'not-found',
    'POST /parking/sights/{id}/dismiss': 'not-found',
    'POST /parking/sights/{id}/reveal': 'not-found',
    'GET /shuttle/standing-rides/{id}': 'not-found',
    'PATCH /shuttle/standing-rides/{id}': 'not-found',
    'POST /shuttle/standing-rides/{id}/pause': 'not-found',
    'POST /shuttle/standing-rides/{id}/resume': 'not-found',
    'POST /shuttle/standing-rides/{id}/end': 'not-found',
    'GET /parking/overstays/{id}': 'not-found',
    'POST /parking/overstays/{id}/appeal': 'not-found',
    'POST /parking/overstays/{id}/comment': 'not-found',
    'POST /parking/overstays/{id}/decision': 'not-found',
    'POST /parking/overstays/{id}/waiver': 'not-found',
    'POST /shuttle/standby': 'rule: stop-not-on-run',
    'DELETE /shuttle/standby/{id}': 'not-found',
    'POST /shuttle/no-shows/{id}/excuse': 'not-found',
    'POST /shuttle/no-shows/{id}/undo-excuse': 'not-found',
    'GET /parking/months': 'not-found',
    'GET /parking/rounds/{id}': 'not-found',
    'GET /parking/rounds/{id}/draw': 'not-found',
    'POST /parking/bookings/{id}/release-nights': 'not-found',
    'POST /parking/rounds/{id}/entries': 'not-found',
    'POST /parking/rounds/{id}/entries/{entryId}/withdraw': 'not-found',
    'GET /parking/agreements/{id}': 'not-found',
    'GET /parking/agreements/{id}/withdrawals': 'not-found',
    'GET /parking/agreements/{id}/swap-balance': 'not-found',
    'GET /parking/agreements/{id}/swap-balance.csv': 'not-found',
    'GET /parking/withdrawals/{id}': 'not-found',
    'GET /parking/agreement-proposals/{id}': 'not-found',
    'POST /parking/agreements/{id}/suspensions': 'not-found',
    'POST /parking/agreements/{id}/resume': 'not-found',
    'POST /parking/agreements/{id}/withdrawals': 'not-found',
    'POST /parking/agreement-proposals': 'not-found',
    'POST /parking/agreement-proposals/{id}/confirm': 'not-found',
    'POST /parking/agreement-proposals/{id}/reject': 'not-found',
    'POST /parking/agreement-proposals/{id}/withdraw': 'not-found',
    'POST /shuttle/driver-links': 'not-found',
    'GET /shuttle/driver-links': 'not-found',
    'POST /shuttle/driver-links/{id}/revoke': 'not-found',
    'GET /shuttle/manifest': 'not-found',
    'GET /driver/run': 'bad-link',
    'POST /driver/check-ins': 'bad-link',
    'POST /driver/tally': 'bad-link',
    'POST /driver/position': 'bad-link',
    'GET /waitlist/{id}': 'not-found',
    'POST /waitlist/{id}/accept': 'not-found',
    'POST /waitlist/{id}/decline': 'not-found',
    'POST /me/vehicles': 'rule: plate-invalid',
    'PATCH /me/vehicles/{id}': 'not-found',
    'DELETE /me/vehicles/{id}': 'not-found',
    'POST /rosters/{organisationId}/vehicles': 'rule: plate-invalid',
    'DELETE /rosters/{organisationId}/vehicles/{id}': 'not-found',
    'POST /rosters/{organisationId}/imports': 'rule: no-rows',
    'GET /rosters/{organisationId}/imports/{id}': 'not-found',
    'GET /rosters/{organisationId}/imports/{id}/report.csv': 'not-found',
    'POST /rosters/{organisationId}/imports/{id}/undo': 'not-found',
  };

  async function answerTo(caller: Call, route: string): Promise<string> {
    const [method = '', path = ''] = route.split(' ');
    const address = path
      .replace('/resources/{id}', '/resources/run-2')
      .replace('{organisationId}', 'hongxing')
      .replace('{runId}/days/{date}', 'run-2/days/2026-11-24')
      .replace('{id}', nowhere)
      .replace('{entryId}', nowhere);
    const query = queries[route] ?? '';
    const body = bodies[route];
    const answer = await caller.raw(method, `${address}${query}`, body === undefined ? null : JSON.stringify(body), {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    });
    return answer.status < 300 ? String(answer.status) : problemOf(answer);
  }

  test('to nobody, to a person, to staff', async () => {
    for (const { method, path, operation } of operations) {
      const route = `${method} ${path}`;
      const expected = allowed[route] ?? '200';
      const [person, administrator] = [
        await site.person(anEmployee()),
        await site.person(staff('site-administrator', null)),
      ];
      const answers = { nobody: await answerTo(site, route), person: '', staff: '' };
      site.clock.advance(61);
      answers.person = await answerTo(person, route);
      site.clock.advance(61);
      answers.staff = await answerTo(administrator, route);
      site.clock.advance(61);
      const table = {
        anyone: { nobody: expected, person: expected, staff: expected },
        'signed-in': { nobody: 'unauthenticated', person: expected, staff: expected },
        staff: { nobody: 'unauthenticated', person: 'not-found', staff: expected },
      };
      expect({ route, ...answers }).toEqual({ route, ...table[operation['x-access'] ?? 'anyone'] });
    }
  });
});
