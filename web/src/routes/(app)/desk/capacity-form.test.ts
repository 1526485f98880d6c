import { describe, expect, test } from 'vitest';
import { changeOf, faultOf, fieldsOf, sumOf, wantedIn, type PlannedChange } from './capacity-form.ts';

const formWith = (fields: readonly [string, string][]): FormData => {
  const form = new FormData();
  for (const [name, value] of fields) form.append(name, value);
  return form;
};
const ticked: [string, string][] = [
  ['slot', '1'],
  ['slot', '2'],
  ['capacity', '８０'],
  ['reason', ' 客流增加，加座 '],
];
const planned = (slotId: string, before: number, after: number, booked: number): PlannedChange => ({
  slotId,
  resourceId: 'innovation',
  serviceDate: '2026-11-24',
  startsAt: '2026-11-24T11:00:00+08:00',
  before,
  after,
  closedBefore: false,
  closedAfter: false,
  booked,
  excess: Math.max(0, booked - after),
});

describe('what the administrator wants', () => {
  test('is read with full-width digits and without stray spaces', () => {
    const wanted = wantedIn(formWith(ticked));
    expect(faultOf(wanted)).toBeNull();
    expect(changeOf(wanted, true)).toEqual({
      slotIds: ['1', '2'],
      capacity: 80,
      reason: '客流增加，加座',
      onExcess: 'refuse',
      dryRun: true,
    });
  });
  test.each([
    ['slots', ticked.filter(([name]) => name !== 'slot')],
    ['capacity', ticked.map(([name, value]): [string, string] => [name, name === 'capacity' ? '' : value])],
    ['capacity', ticked.map(([name, value]): [string, string] => [name, name === 'capacity' ? '-3' : value])],
    ['reason', ticked.filter(([name]) => name !== 'reason')],
    ['dates', [...ticked, ['mode', 'pattern'] as [string, string]]],
  ] as const)('lacks %s', (fault, fields) => {
    expect(faultOf(wantedIn(formWith(fields)))).toBe(fault);
  });
  test('survives the way through the hidden fields of the confirming form', () => {
    const wanted = wantedIn(
      formWith([
        ...ticked,
        ['mode', 'pattern'],
        ['resource', 'innovation'],
        ['from', '2026-11-24'],
        ['to', '2026-12-24'],
        ['weekday', '5'],
      ]),
    );
    expect(changeOf(wantedIn(formWith(fieldsOf(wanted))), false)).toEqual(changeOf(wanted, false));
  });
  test.each([
    ['close', { closed: true }],
    ['reopen', { closed: false }],
  ])('to %s needs no capacity', (what, target) => {
    const wanted = wantedIn(formWith([['what', what], ...ticked.filter(([name]) => name !== 'capacity')]));
    expect(faultOf(wanted)).toBeNull();
    expect(changeOf(wanted, false)).toMatchObject(target);
    expect(changeOf(wanted, false)).not.toHaveProperty('capacity');
    expect(wantedIn(formWith(fieldsOf(wanted)))).toEqual(wanted);
  });
  test('displaces only when it is said', () => {
    expect(changeOf(wantedIn(formWith([...ticked, ['excess', 'displace']])), true).onExcess).toBe('displace');
  });
  test('of all seven weekdays is every day', () => {
    const week = [1, 2, 3, 4, 5, 6, 7].map((day): [string, string] => ['weekday', String(day)]);
    const dates: [string, string][] = [
      ['mode', 'pattern'],
      ['resource', 'x'],
      ['from', '2026-11-24'],
      ['to', '2026-12-24'],
    ];
    expect(changeOf(wantedIn(formWith([...ticked, ...dates, ...week])), true)).not.toHaveProperty('weekdays');
  });
});

describe('a plan', () => {
  test('counts what changes, what is booked, and how low one may go', () => {
    const sum = sumOf([planned('1', 60, 50, 12), planned('2', 45, 50, 0), planned('3', 50, 50, 9)]);
    expect(sum).toMatchObject({ booked: 12, difference: -5, lowest: 12, before: '45–60', excess: [] });
    expect(sum.changed.map(({ slotId }) => slotId)).toEqual(['1', '2']);
  });
  test('names the slots that hold more than the new capacity', () => {
    expect(sumOf([planned('1', 60, 10, 12), planned('2', 60, 10, 3)]).excess.map(({ slotId }) => slotId)).toEqual([
      '1',
    ]);
  });
  test('of a closing takes all places away, though the capacity stays as it was', () => {
    const closing = { ...planned('1', 60, 60, 2), closedAfter: true, excess: 2 };
    expect(sumOf([closing, planned('2', 60, 60, 0)])).toMatchObject({ difference: -60, changed: [closing] });
  });
});
