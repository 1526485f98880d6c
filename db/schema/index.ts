export * from './arrivals.ts';
export * from './bookings.ts';
export * from './capacity-changes.ts';
export * from './inventory.ts';
export * from './ledger.ts';
export * from './parking-lots.ts';
export * from './people.ts';
export * from './sites.ts';
