import { Hono } from 'hono';
import { z } from 'zod';
import { describe } from '../../http/describe.ts';
import type { AppEnv } from '../../http/environment.ts';
import { problemResponse } from '../../http/problem.ts';
import { id, pageOf } from '../../http/schemas.ts';
import { validate } from '../../http/validate.ts';
import { menuOf } from './menu.ts';
import { dish } from './schemas.ts';

/** What only the canteens have: the menu of a pick-up window. */
export const canteenRoutes = new Hono<AppEnv>().get(
  '/menus',
  describe({
    summary: 'The dishes that can be ordered for a pick-up window',
    tag: 'canteen',
    access: 'anyone',
    answers: { 200: pageOf(dish) },
    problems: ['validation', 'not-found'],
  }),
  validate('query', z.strictObject({ slotId: id })),
  async (c) => {
    const items = await menuOf(await c.get('deps').contextNow(), c.req.valid('query').slotId);
    // One day's menu is one page.
    return items ? c.json({ items, nextCursor: null }) : problemResponse(c, 'not-found');
  },
);
