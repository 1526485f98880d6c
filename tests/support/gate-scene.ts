import { noGates } from '../../api/gates/gate.ts';
import { follow, sweep } from '../../api/sweep.ts';
import type { SeedResource } from '../../db/seed/caohejing.ts';
import { gateMessage, type ToldEvent } from './gate-messages.ts';
import { aLot } from './offers.ts';
import { aResident, staff } from './person.ts';
import { aSite, type SiteSketch, type TestSite } from './site.ts';
import { slotOn } from './slots.ts';

/** The lot of the tests, and the agreement that lends its spaces by night. */
export const lotId = 'guangqi';
export const agreementId = 'guangqi-night';

/** The agreement with terms of its own. */
export function aGatedLot(facts: object = {}, spaces = 5): SeedResource {
  const lot = aLot({ id: agreementId, spaces });
  return { ...lot, facts: { ...lot.facts, lotId, ...facts } };
}

/** A site with one lot, its gate, a resident with a car, and the lot's provider. */
export async function aGateSite(facts: object = {}, sketch: SiteSketch & { kind?: string } = {}) {
  const site = await aSite([aGatedLot(facts)], sketch);
  await site.db.query('UPDATE parking_lot SET kind = $3, spaces = 5 WHERE site_id = $1 AND id = $2', [
    site.id,
    lotId,
    sketch.kind ?? 'gated',
  ]);
  const [driver, provider] = [await site.person(aResident()), await site.person(staff('provider'))];
  const plateOf = async (vehicleId = driver.vehicleIds[0]) => {
    const [row] = await site.db.query<{ plate: string }>('SELECT plate FROM vehicle WHERE site_id = $1 AND id = $2', [
      site.id,
      vehicleId,
    ]);
    return row?.plate ?? '';
  };
  const plate = await plateOf();
  let told = 0;
  return {
    site,
    driver,
    provider,
    plate,
    /** Books nights for the driver, or for somebody else. */
    async book(dates: readonly string[], who = driver): Promise<string> {
      const slotIds = await Promise.all(dates.map(async (date) => (await slotOn(site, agreementId, date)).id));
      const booked = await who.post('/bookings', { kind: 'parking', slotIds, vehicleId: who.vehicleIds[0] });
      if (booked.status !== 201) throw new Error(JSON.stringify(booked.body));
      return booked.body.id;
    },
    /** Another resident with a car. */
    another: () => site.person(aResident()),
    plateOf,
    /** What the gate saw of a car, the driver's unless said otherwise. */
    sight: (kind: 'entry' | 'exit', at: string, change: Partial<ToldEvent> = {}): ToldEvent => ({
      serial: 'CAM-1',
      event: String(++told),
      kind,
      plate,
      at,
      ...change,
    }),
    /** Lets the lot's gate tell. */
    tell: (...events: ToldEvent[]) => tell(site, events),
    /** What follows changes of bookings, and what a sweep does, as a runtime would. */
    follow: (gates = noGates) => follow(site.db, site.clock, site.code, gates),
    sweep: (gates = noGates) => sweep(site.db, site.clock, site.code, gates),
    presence: async () => (await provider.get(`/parking/lots/${lotId}/presence`)).body,
    unmatched: async () => (await provider.get(`/parking/lots/${lotId}/unmatched`)).body.items,
  };
}

async function tell(site: TestSite, events: readonly ToldEvent[]) {
  const { body, headers } = gateMessage(lotId, events, site.clock.now());
  return site.raw('POST', '/gates/events', body, headers);
}
