import { expect, test } from 'vitest';
import { useBrowser } from '../support/browser-page.ts';
import { demoPhones } from '../support/running-service.ts';
import { csvOf, workbook, xlsxType } from '../support/roster-files.ts';

const { visit } = useBrowser();

test('the committee comes to its roster from its own page', async () => {
  const page = await visit('/me', { as: demoPhones.committee });
  await page
    .getByRole('link', { name: /管理台/ })
    .first()
    .click();
  await page.getByRole('link', { name: /车辆名册/ }).click();
  await page.getByText('沪A12345').waitFor();
});

test.each([true, false])(
  'a table is looked at row by row, imported, and taken back (client JavaScript: %s)',
  async (javaScript) => {
    const page = await visit('/desk/roster', { as: demoPhones.committee, javaScript, width: 375 });
    const plate = javaScript ? '沪E00001' : '沪E00002';
    const buffer = Buffer.from(
      workbook([
        ['车牌', '手机', '备注'],
        [plate, 13800138000, '8号楼'],
        ['沪AI2345', '', ''],
        ['沪E00009', '', '11010519491231002X'],
      ]),
    );
    await page.getByLabel('文件', { exact: true }).setInputFiles({ name: '名册.xlsx', mimeType: xlsxType, buffer });
    await page.getByRole('button', { name: '先看结果' }).click();
    await page.getByText('名册.xlsx：导入之后').waitFor();
    await page.getByText('plate-invalid').waitFor();
    await page.getByText('identity-number').waitFor();
    expect(await page.getByText('11010519491231002X').count()).toBe(0);
    await page.getByRole('button', { name: '导入，更改 1 辆' }).click();
    await page.getByText('导入完成', { exact: true }).waitFor();
    await page.getByRole('button', { name: `移出 ${plate}` }).waitFor();
    await page.getByRole('button', { name: '撤销这次导入' }).first().click();
    await page.getByText('名册恢复到导入之前').waitFor();
    expect(await page.getByRole('button', { name: `移出 ${plate}` }).count()).toBe(0);
  },
);

test('a file that is too large for a form elsewhere is taken here', async () => {
  const page = await visit('/desk/roster', { as: demoPhones.committee });
  const rows = Array.from({ length: 4000 }, (_, at) => [
    `沪F${String(at).padStart(5, '0')}`,
    '',
    '很长的备注'.repeat(6),
  ]);
  await page
    .getByLabel('文件', { exact: true })
    .setInputFiles({ name: 'big.csv', mimeType: 'text/csv', buffer: Buffer.from(csvOf(rows)) });
  await page.getByRole('button', { name: '先看结果' }).click();
  await page.getByRole('button', { name: '导入，更改 4000 辆' }).waitFor();
  const elsewhere = await page.request.post(`${new URL(page.url()).origin}/me?/name`, {
    headers: { origin: new URL(page.url()).origin },
    form: { name: 'x'.repeat(70_000) },
  });
  expect(elsewhere.status()).toBe(413);
});

test('one vehicle is added, found by its last characters, and taken off', async () => {
  const page = await visit('/desk/roster', { as: demoPhones.committee });
  await page.getByRole('textbox', { name: '车牌', exact: true }).fill('沪G12O45');
  await page.getByRole('button', { name: '加入名册' }).click();
  await page.getByText('没有字母 I 和 O').waitFor();
  await page.getByRole('textbox', { name: '车牌', exact: true }).fill('沪G12845');
  await page.getByRole('button', { name: '加入名册' }).click();
  await page.getByText('已加入名册').waitFor();
  await page.getByLabel('按车牌末几位查找').fill('2845');
  await page.getByRole('button', { name: '查找' }).click();
  await page.getByRole('button', { name: '移出 沪G12845' }).click();
  await page.getByText('已移出名册').waitFor();
});

test('the administrator sees plates masked; others are told whose page it is', async () => {
  const page = await visit('/desk/roster?org=hongxing', { as: demoPhones.administrator });
  await page.getByText('沪A·***45', { exact: true }).first().waitFor();
  expect(await page.getByText('沪A12345').count()).toBe(0);
  const other = await visit('/desk/roster', { as: demoPhones.employee });
  await other.getByText('这里是工作人员的页面').waitFor();
});
