import { describe, test } from 'vitest';
import { demoPhones } from '../support/running-service.ts';
import { useBrowser } from '../support/browser-page.ts';
import { expectGoodLook, type LookedAt } from '../support/page-look.ts';

const { visit } = useBrowser();

const pages: LookedAt[] = [
  ['the desk', '/desk', demoPhones.canteenManager],
  ['the desk’s pattern form', '/desk?mode=pattern', demoPhones.administrator],
  ['the counter', '/desk/check-in', demoPhones.dispatcher],
  ['the desk of a committee', '/desk', demoPhones.committee],
  ['a roster', '/desk/roster', demoPhones.committee],
  ['the agreements', '/desk/agreements', demoPhones.administrator],
  ['an agreement', '/desk/agreements/guangqi-night', demoPhones.provider],
  ['terms to propose', '/desk/agreements/edit', demoPhones.administrator],
  ['spaces to take back', '/desk/agreements/guangqi-night/withdraw', demoPhones.administrator],
  ['nights to suspend', '/desk/agreements/guangqi-night/suspend', demoPhones.provider],
  ['the balance of a swap', '/desk/agreements/guangqi-night/balance', demoPhones.provider],
  ['the desk for others', '/desk', demoPhones.employee],
];

describe.each(pages)('%s', (_name, path, as) => {
  test('has no fault that axe-core knows, in either theme, and fits a phone in both languages, also enlarged', async () => {
    const page = await visit(path, as === undefined ? {} : { as });
    await expectGoodLook(page);
  });
});
