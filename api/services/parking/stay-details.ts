/** A vehicle stands in one place at a time. */
export const stayScope = 'stay';

/** What is kept of a stay, to show it as it was booked. */
export type StayDetails = {
  title: { zh: string; en: string };
  vehicleId: string;
  plateMasked: string;
  /** The plate that the vehicle has now, while it waits to be verified; the one above opens the gate until then. */
  plateWaiting?: string | null;
  /** How many nights it has now. */
  nights: number;
  month: string | null;
  missingNights: string[];
  /** The agreement; what was booked before this was kept has it if it is a month. */
  resourceId?: string;
  /** How much of the price is paid by credit: what was shown, and what was there when it was taken. Fen. */
  creditFen?: number;
  /** Dates of nights that its holder gave back. */
  releasedNights?: string[];
};
