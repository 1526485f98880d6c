import { expect, test } from 'vitest';
import type { Booking } from './api.ts';
import { canteenLink, orderIn, rebookLink } from './links.ts';

const paramsOf = (link: string): URLSearchParams => new URL(link, 'http://x').searchParams;

test('an order goes through the address and back', () => {
  const order = { 'innovation-mapo': 2, 'innovation-hongshao': 1 };
  expect(orderIn(paramsOf(canteenLink({ date: '2026-11-24', order, confirm: true })))).toEqual(order);
});

test('portions that are none, broken, negative or too many are not in the order', () => {
  const asked = new URLSearchParams('dish.a=0&dish.b=1.5&dish.c=-1&dish.d=11&dish.e=x&dish.f=10&other=3');
  expect(orderIn(asked)).toEqual({ f: 10 });
});

test('a cancelled lunch leads back to its own window and dishes', () => {
  const line = (slotId: string, resourceId: string) => ({ slotId, resourceId, units: 1 });
  const lunch = {
    kind: 'canteen',
    serviceDate: '2026-11-24',
    // The dishes' lines come first: a dish's lunch begins with the earliest window.
    lines: [line('9', 'zhihui-dish'), line('3', 'zhihui')],
    details: { items: [{ dishId: 'zhihui-dish', quantity: 2 }] },
  } as unknown as Booking;
  const params = paramsOf(rebookLink(lunch));
  expect([params.get('date'), params.get('at'), params.get('slot')]).toEqual(['2026-11-24', 'zhihui', '3']);
  expect(orderIn(params)).toEqual({ 'zhihui-dish': 2 });
});
