import { z } from 'zod';
import { currency, fen, id, instantText, localized, shortText } from '../http/schemas.ts';
import { containsResidentId } from './resident-id.ts';

export const roleNames = [
  'resident',
  'employee',
  'parent',
  'provider',
  'committee',
  'canteen-manager',
  'dispatcher',
  'care-teacher',
  'site-administrator',
  'auditor',
] as const;
export const roleName = z.enum(roleNames);
export type RoleName = z.infer<typeof roleName>;

export const vehicle = z.object({
  id,
  plate: z.string().meta({ description: "the owner's own plate, unmasked" }),
  plateMasked: z.string(),
  plateClass: z.enum(['ordinary', 'new-energy']),
  verified: z.boolean(),
  accessPlate: z
    .string()
    .nullable()
    .meta({ description: 'the plate before, which opens gates until the new one is verified; null for none' }),
  waitsFor: z.enum(['not-on-roster', 'no-residence']).nullable().meta({
    description: 'why it is not verified: no roster has it with the phone of its owner, or its owner is no resident',
  }),
});
export type Vehicle = z.infer<typeof vehicle>;

export const child = z.object({ id, name: z.string(), grade: z.int().nullable(), verified: z.boolean() });

export const mealCard = z.object({ balanceFen: fen, currency });

export const me = z
  .object({
    id,
    name: z.string(),
    phoneMasked: z.string(),
    locale: z.enum(['zh-CN', 'en']),
    roles: z.array(
      z.object({ role: roleName, organisationId: z.string().nullable(), organisationName: localized.nullable() }),
    ),
    vehicles: z.array(vehicle),
    children: z.array(child),
    mealCard: mealCard.nullable(),
  })
  .meta({ id: 'Me' });
export type Me = z.infer<typeof me>;

export const meChange = z.strictObject({
  name: shortText(40)
    .refine((name) => !containsResidentId(name), { error: 'a name without an identity number' })
    .optional(),
  locale: z.enum(['zh-CN', 'en']).optional(),
});

export const otpRequest = z.strictObject({ phone: z.string().min(5).max(32) });
export const otpAnswer = z.object({
  expiresInSeconds: z.int(),
  resendAfterSeconds: z.int(),
  demoCode: z.string().optional().meta({ description: 'demo mode only: the code that an SMS would carry' }),
});

export const sessionRequest = z.strictObject({
  phone: z.string().min(5).max(32),
  code: z.string().regex(/^\d{6}$/),
});
export const sessionAnswer = z.object({ token: z.string(), expiresAt: instantText, user: me });

export const demoPerson = z.object({ phone: z.string(), name: z.string(), role: roleName, about: localized });
export type DemoPerson = z.infer<typeof demoPerson>;

/** What the pages need before anybody has signed in. */
export const siteAnswer = z
  .object({
    id,
    name: localized,
    timeZone: z.string(),
    currency,
    walkingMetresPerMinute: z.int().meta({ description: 'how fast one walks from one place to another' }),
    now: instantText.meta({ description: "the service's clock; in demo mode it may have been moved" }),
    demo: z.boolean(),
    demoPeople: z.array(demoPerson).meta({ description: 'empty unless in demo mode' }),
  })
  .meta({ id: 'Site' });
export type Site = z.infer<typeof siteAnswer>;
