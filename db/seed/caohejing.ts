import type { z } from 'zod';
import type { AgreementTimes, agreementFacts } from '../../api/services/parking/rules.ts';
import type { DishFacts, LunchTimes } from '../../api/services/canteen/rules.ts';
import type { ClassFacts, SessionTimes } from '../../api/services/childcare/rules.ts';
import {
  mirrored,
  wheelchairKind,
  wheelchairPlaceOf,
  type RunFacts,
  type RunTimes,
} from '../../api/services/shuttle/run-rules.ts';
import type { LocalizedText } from '../schema/index.ts';
import place from './caohejing.json' with { type: 'json' };
import menu from './dishes.json' with { type: 'json' };

/** A row of `resource`, and of its `schedule` if it has one; the site's id is added when they are loaded. */
export type SeedResource = {
  id: string;
  kind: string;
  parentId: string | null;
  organisationId: string;
  name: LocalizedText;
  place: { name: LocalizedText; lat: number | null; lng: number | null } | null;
  facts: object;
  schedule: { basis: 'workday' | 'weekday' | 'daily'; capacity: number; priceFen: number; rule: object } | null;
};

export const siteRow = {
  id: 1,
  code: place.site.id,
  name: place.site.name,
  timeZone: place.site.timeZone,
  currency: place.site.currency,
};

/** Everybody who lends, benefits, employs or cooks. */
export function organisations() {
  return [
    { id: 'park', kind: 'park' as const, name: { zh: '漕河泾开发区', en: 'Caohejing Hi-Tech Park' } },
    { id: 'street', kind: 'street' as const, name: { zh: '虹梅街道', en: 'Hongmei Subdistrict' } },
    ...place.compounds.map(({ id, name }) => ({ id, kind: 'compound' as const, name })),
    ...place.employers.map(({ id, name }) => ({ id, kind: 'employer' as const, name })),
    ...place.partnerRestaurants.map(({ id, name }) => ({ id, kind: 'restaurant' as const, name })),
  ];
}

/** All resources in the order to show them; parts come after what they are a part of. */
export function resources(): SeedResource[] {
  return [...agreements(), ...canteens(), ...dishes(), ...runs(), ...classes()];
}

type LotKind = 'gated' | 'staffed' | 'onstreet-permit';

/** The lots whose spaces the agreements lend. */
export function lots() {
  return place.parkingAgreements.map((agreement) => ({
    id: lotIdOf(agreement),
    organisationId: lenderOf(agreement),
    kind: agreement.lotKind as LotKind,
    name: agreement.lot,
    lat: agreement.lat ?? null,
    lng: agreement.lng ?? null,
    spaces: agreement.spaces,
  }));
}

/** A lot is called after its agreement, less the time of day. */
const lotIdOf = ({ id }: { id: string }): string => id.replace(/-(night|day)$/, '');

const lenderOf = ({ provider }: { provider: string }): string =>
  provider === 'compound' ? 'sample-compound' : provider;

function agreements(): SeedResource[] {
  return place.parkingAgreements.map((agreement) => {
    const [from = '', to = ''] = agreement.window.split('-');
    const facts: z.input<typeof agreementFacts> = {
      lotKind: agreement.lotKind as LotKind,
      provider: agreement.provider as 'park' | 'compound' | 'street',
      beneficiary: beneficiary(agreement.beneficiary),
      monthlyFen: agreement.monthlyFen ?? null,
      lotId: lotIdOf(agreement),
      swapOf: place.parkingAgreements.find(({ swapOf }) => swapOf === agreement.id)?.id ?? agreement.swapOf ?? null,
    };
    const times: AgreementTimes = {
      window: { from, to },
      daysOff: agreement.daysOff as AgreementTimes['daysOff'],
      opensDaysBefore: 62,
      closesMinutesBeforeEnd: 60,
      cancelMinutesBeforeStart: 0,
      offerMinutes: 60,
      remindMinutesBefore: 60,
    };
    return {
      id: agreement.id,
      kind: 'parking',
      parentId: null,
      organisationId: lenderOf(agreement),
      name: nameOfAgreement(agreement),
      place: { name: agreement.lot, lat: agreement.lat ?? null, lng: agreement.lng ?? null },
      facts,
      schedule: {
        basis: agreement.basis as 'workday' | 'weekday',
        capacity: agreement.spaces,
        priceFen: agreement.nightlyFen,
        rule: times,
      },
    };
  });
}

function nameOfAgreement({ lot, daysOff }: { lot: LocalizedText; daysOff: string }): LocalizedText {
  return daysOff === 'closed'
    ? { zh: `${lot.zh}日间停车`, en: `${lot.en}, by day` }
    : { zh: `${lot.zh}夜间停车`, en: `${lot.en}, by night` };
}

function beneficiary(id: string): z.input<typeof agreementFacts>['beneficiary'] {
  if (id === 'any-resident' || id === 'any-employee') return { group: id };
  const compound = place.compounds.find((candidate) => candidate.id === id);
  if (!compound) throw new Error(`agreement for an unknown group: ${id}`);
  return { group: 'compound', organisationId: id, name: compound.name };
}

const [menuDaysBefore = '', menuPublishedAt = ''] = place.meal.menuPublished.split(' ');

const lunch: LunchTimes = {
  pickup: { from: place.meal.pickupFrom, to: place.meal.pickupTo, minutes: place.meal.pickupMinutes },
  menuPublished: { daysBefore: Number(menuDaysBefore.replace('D-', '')), at: menuPublishedAt },
  orderCutoff: place.meal.orderCutoff,
  offerMinutes: 15,
  checkIn: { opensMinutesBefore: 5, closesMinutesAfter: 30, isRequired: true },
  remindMinutesBefore: 15,
};

function canteens(): SeedResource[] {
  const own = place.canteens.map((canteen) => ({
    id: canteen.id,
    kind: 'canteen',
    parentId: null,
    organisationId: 'park',
    name: canteen.name,
    place: { name: canteen.name, lat: canteen.lat, lng: canteen.lng },
    facts: { seats: canteen.seats, isPartner: false },
    schedule: { basis: 'workday' as const, capacity: canteen.perPickupWindow, priceFen: 0, rule: lunch },
  }));
  const partners = place.partnerRestaurants.map((restaurant) => ({
    id: restaurant.id,
    kind: 'canteen',
    parentId: null,
    organisationId: restaurant.id,
    name: restaurant.name,
    place: { name: restaurant.name, lat: null, lng: null },
    facts: { seats: null, isPartner: true },
    schedule: {
      basis: 'workday' as const,
      capacity: Math.ceil(restaurant.mealsPerDay / pickupWindowsPerDay()),
      priceFen: 0,
      rule: lunch,
    },
  }));
  return [...own, ...partners];
}

function pickupWindowsPerDay(): number {
  const minutes = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
  return Math.floor((minutes(lunch.pickup.to) - minutes(lunch.pickup.from)) / lunch.pickup.minutes);
}

function dishes(): SeedResource[] {
  const restaurants = new Set(place.partnerRestaurants.map(({ id }) => id));
  return menu.dishes.map((dish) => {
    const facts: DishFacts = {
      allergens: dish.allergens as DishFacts['allergens'],
      diet: dish.diet as DishFacts['diet'],
      spicy: dish.spicy,
      kcal: dish.kcal,
    };
    return {
      id: dish.id,
      kind: 'dish',
      parentId: dish.canteenId,
      organisationId: restaurants.has(dish.canteenId) ? dish.canteenId : 'park',
      name: dish.name,
      place: null,
      facts,
      schedule: {
        basis: 'workday' as const,
        capacity: dish.portions,
        priceFen: dish.priceFen,
        rule: { ...lunch, ...(dish.weekdays ? { weekdays: dish.weekdays } : {}) },
      },
    };
  });
}

/** The bus line. Its buses and their cycle: domain.md, Tidal advisor. */
export const shuttleLines = () => [
  {
    id: 'tidal',
    organisationId: 'park',
    name: { zh: '潮汐班车', en: 'Tidal shuttle' },
    buses: 1,
    cycleMinutes: 25,
    runsPerDay: place.shuttle.runs.length,
  },
];

/** Its stops, in inbound order. */
export const shuttleStops = () =>
  place.shuttle.stops.map(({ offsetMin, ...stop }, position) => ({
    ...stop,
    lineId: 'tidal',
    position,
    offsetMinutes: offsetMin,
  }));

/** The ten runs, each with its wheelchair place. */
function runs(): SeedResource[] {
  const { stops, bus } = place.shuttle;
  const inbound: RunFacts['stops'] = stops.map(({ id, name, lat, lng, offsetMin }) => ({
    ...{ stopId: id, name, lat, lng },
    offsetMinutes: offsetMin,
  }));
  const seats = place.shuttle.runs.map((run) => {
    const way = run.direction as RunFacts['direction'];
    const facts: Omit<RunFacts, 'lineId'> = {
      run: run.run,
      direction: way,
      stops: way === 'inbound' ? inbound : mirrored(inbound),
    };
    const times: RunTimes = {
      departs: run.departs,
      opensDaysBefore: 7,
      closesMinutesBefore: 5,
      cancelMinutesBefore: 30,
      offerMinutes: 15,
      standing: { daysAtMost: 184, perPerson: 6 },
      checkIn: { opensMinutesBefore: 10, closesMinutesAfter: 2, isRequired: true },
      remindMinutesBefore: 30,
      standby: { yieldsMinutesBefore: 2 },
      noShows: { countedDays: 30, blockAt: 3, blockDays: 7 },
      driverLinks: { hoursAfter: 12, atMost: 10, positionMinutes: 30 },
    };
    return {
      id: `run-${run.run}`,
      kind: 'shuttle',
      parentId: null,
      organisationId: 'park',
      name: { zh: `${run.run} 号班车`, en: `Shuttle run ${run.run}` },
      place: null,
      facts,
      schedule: { basis: place.shuttle.serviceDays as 'workday', capacity: bus.seats, priceFen: 0, rule: times },
    };
  });
  const places = seats.map((run) => ({
    ...run,
    id: wheelchairPlaceOf(run.id),
    kind: wheelchairKind,
    parentId: run.id,
    name: { zh: `${run.name.zh} 轮椅位`, en: `${run.name.en}, wheelchair place` },
    schedule: { ...run.schedule, capacity: bus.wheelchair },
  }));
  return [...seats, ...places];
}

function classes(): SeedResource[] {
  return place.care.flatMap((care) =>
    Array.from({ length: care.classes }, (_, index): SeedResource => {
      const letter = String.fromCharCode(65 + index);
      const suffix = care.classes > 1 ? { zh: `（${index + 1}班）`, en: `, class ${letter}` } : { zh: '', en: '' };
      const facts: ClassFacts = {
        type: care.kind as ClassFacts['type'],
        grades: care.grades ? { from: care.grades[0] ?? 1, to: care.grades[1] ?? 9 } : null,
        ageMonths: care.ageMonths ? { from: care.ageMonths[0] ?? 0, to: care.ageMonths[1] ?? 36 } : null,
        extendedTo: care.extendedTo ?? null,
      };
      return {
        id: `${care.id}-${letter.toLowerCase()}`,
        kind: 'childcare',
        parentId: null,
        organisationId: 'park',
        name: { zh: care.name.zh + suffix.zh, en: care.name.en + suffix.en },
        place: null,
        facts,
        schedule: care.hours
          ? {
              basis: 'workday',
              capacity: care.placesPerClass,
              priceFen: care.feeFenPerSession ?? 0,
              rule: summer(care.hours),
            }
          : null,
      };
    }),
  );
}

/** Two sessions of three weeks from the first Monday of July, as the city's practice of 2027 has it, for whatever summer is next. */
function summer(hours: string): SessionTimes {
  const [from = '', to = ''] = hours.split('-');
  return {
    hours: { from, to },
    firstMonday: { month: 7, day: 1 },
    sessions: [
      { startWeek: 0, weeks: 3 },
      { startWeek: 3, weeks: 3 },
    ],
    enrolmentOpens: { month: 7, day: 1, at: '09:00' },
    cancelDaysBefore: 3,
    offerMinutes: 24 * 60,
    remindMinutesBefore: 24 * 60,
  };
}
