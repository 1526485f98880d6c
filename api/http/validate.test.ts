import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { meChange } from '../people/schemas.ts';
import { bookingRequest } from '../services/registry.ts';
import { capacityChangeRequest } from '../services/capacity-schemas.ts';
import { validationErrors } from './validate.ts';

const pointersOf = (schema: z.ZodType, value: unknown): string[] =>
  validationErrors(schema, value, 'en').map(({ pointer }) => pointer);

describe('what is wrong with a booking request is named where it stands, in the branch that was meant', () => {
  const nights = { kind: 'parking', slotIds: ['1'], vehicleId: 'v' };
  const month = { kind: 'parking', resourceId: 'lot', month: '2026-12', vehicleId: 'v' };
  const meal = { kind: 'canteen', slotId: '1', items: [{ dishId: 'd', quantity: 1 }] };
  const ride = {
    kind: 'shuttle',
    runId: 'run-1',
    serviceDate: '2026-11-24',
    boardStopId: 'a',
    alightStopId: 'b',
    seats: 1,
  };
  const place = { kind: 'childcare', slotId: '1', childId: 'c' };

  test.each([
    ['a kind that is none', { ...meal, kind: 'laundry' }, ['/kind']],
    ['no kind', { slotId: '1' }, ['/kind']],
    ['a parking night that is a number', { ...nights, slotIds: [1] }, ['/slotIds/0']],
    ['no nights at all', { ...nights, slotIds: [] }, ['/slotIds']],
    ['a thirteenth month', { ...month, month: '2026-13' }, ['/month']],
    ['a portion of nothing', { ...meal, items: [{ dishId: 'd', quantity: 0 }] }, ['/items/0/quantity']],
    ['a missing window', { kind: 'canteen', items: meal.items }, ['/slotId']],
    ['a dish with an unknown field', { ...meal, items: [{ ...meal.items[0], spicy: 3 }] }, ['/items/0/spicy']],
    ['half a seat', { ...ride, seats: 0.5 }, ['/seats']],
    ['two faults', { ...ride, seats: '1', serviceDate: '24.11.2026' }, ['/serviceDate', '/seats']],
    ['an unknown field', { ...place, name: 'x' }, ['/name']],
    ['a name to be escaped', { ...place, 'a/b~c': 1 }, ['/a~1b~0c']],
    ['a list', [place], ['']],
    ['nothing', null, ['']],
  ])('%s', (_what, request, pointers) => {
    expect(pointersOf(bookingRequest, request).toSorted()).toEqual(pointers.toSorted());
  });

  test('inside a day plan as well', () => {
    const plan = z.strictObject({ bookings: z.array(bookingRequest) });
    expect(pointersOf(plan, { bookings: [meal, { ...ride, seats: 9 }] })).toEqual(['/bookings/1/seats']);
  });

  test.each([nights, month, meal, ride, place])('nothing is wrong with %j', (request) => {
    expect(pointersOf(bookingRequest, request)).toEqual([]);
  });
});

describe('messages', () => {
  const change = { slotIds: ['1'], capacity: 'many', reason: '检修' };

  test('are in the language of the request', () => {
    const inLanguage = (language: 'zh-CN' | 'en') =>
      validationErrors(capacityChangeRequest, change, language)[0]?.message;
    expect(inLanguage('zh-CN')).toMatch(/\p{Script=Han}/u);
    expect(inLanguage('en')).toMatch(/^[\p{ASCII}]+$/u);
  });

  test.each([
    ['control', capacityChangeRequest, { ...change, capacity: 1, reason: 'a\u0007' }],
    [
      'two forms',
      capacityChangeRequest,
      { ...change, capacity: 1, resourceId: 'run-1', from: '2026-11-24', to: '2026-11-24' },
    ],
    ['half a form', capacityChangeRequest, { resourceId: 'run-1', capacity: 1, reason: '检修' }],
    [
      'year 0',
      capacityChangeRequest,
      { resourceId: 'run-1', from: '0000-01-01', to: '2026-01-01', capacity: 1, reason: '检修' },
    ],
    ['identity', meChange, { name: '11010519491231002X' }],
  ])('of our own schemas are in Chinese as well: %s', (_what, schema, value) => {
    expect(validationErrors(schema, value, 'zh-CN').map(({ message }) => message)).toEqual([
      expect.stringMatching(/\p{Script=Han}/u),
    ]);
  });

  test.each([
    ['en', 'must be one of "canteen", "shuttle", "childcare", "parking"'],
    ['zh-CN', '只能是 "canteen", "shuttle", "childcare", "parking" 之一'],
  ] as const)('say in %s which kinds there are', (language, message) => {
    expect(validationErrors(bookingRequest, { kind: 'laundry' }, language)).toEqual([{ pointer: '/kind', message }]);
  });

  test('are at most twenty', () => {
    const items = Array.from({ length: 400 }, () => 1);
    expect(validationErrors(z.array(z.string()), items, 'en')).toHaveLength(20);
  });
});
