import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseInstant } from '../../../calendar/time.ts';
import { isInCurfew, passableTimes } from './list-times.ts';

const zone = 'Asia/Shanghai';
const at = (text: string) => parseInstant(`2026-11-${text}:00+08:00`);
const range = (from: string, to: string) => ({ startsAt: at(from), endsAt: at(to) });
const curfew = { from: '22:00', to: '06:00' };

test('without a curfew a car may pass the whole of its stay', () => {
  expect(passableTimes(range('23T18:30', '24T08:00'), null, zone)).toEqual([range('23T18:30', '24T08:00')]);
});

test('a curfew at night leaves the evening and the morning', () => {
  expect(passableTimes(range('23T18:30', '24T08:00'), curfew, zone)).toEqual([
    range('23T18:30', '23T22:00'),
    range('24T06:00', '24T08:00'),
  ]);
});

test('a run of days off is open between its curfews', () => {
  expect(passableTimes(range('20T23:00', '22T05:00'), curfew, zone)).toEqual([range('21T06:00', '21T22:00')]);
});

test('a curfew within one day is one too', () => {
  expect(passableTimes(range('23T08:00', '23T18:00'), { from: '12:00', to: '13:00' }, zone)).toEqual([
    range('23T08:00', '23T12:00'),
    range('23T13:00', '23T18:00'),
  ]);
});

test('a car may pass at an instant of its stay exactly when there is no curfew then', () => {
  const localTime = fc
    .tuple(fc.nat({ max: 23 }), fc.nat({ max: 59 }))
    .map((parts) => parts.map((part) => String(part).padStart(2, '0')).join(':'));
  const minute = 60_000;
  const start = at('20T00:00');
  fc.assert(
    fc.property(
      localTime,
      localTime,
      fc.nat(3_000),
      fc.nat(4_000),
      fc.nat(8_000),
      (from, to, first, length, sample) => {
        fc.pre(from !== to);
        const run = { startsAt: start + first * minute, endsAt: start + (first + length + 1) * minute };
        const moment = start + sample * minute;
        const mayPass = passableTimes(run, { from, to }, zone).some(
          (time) => moment >= time.startsAt && moment < time.endsAt,
        );
        const isInRun = moment >= run.startsAt && moment < run.endsAt;
        expect(mayPass).toBe(isInRun && !isInCurfew(moment, { from, to }, zone));
      },
    ),
  );
});
