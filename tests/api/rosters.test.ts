import { strToU8, zipSync } from 'fflate';
import { beforeEach, describe, expect, test } from 'vitest';
import { problemOf, type Answer, type AnyBody, type Call } from '../support/call.ts';
import { anEmployee, staff, type Person } from '../support/person.ts';
import { csvOf, gb18030, plateNumber, workbook, xlsxType, type WorkbookCell } from '../support/roster-files.ts';
import { aSite, type TestSite } from '../support/site.ts';

const base = '/rosters/hongxing';
const csvType = 'text/csv';
const header = ['车牌', '手机', '备注'];

let site: TestSite;
let committee: Person & Call;
beforeEach(async () => {
  site = await aSite();
  committee = await site.person(staff('committee', 'hongxing'));
});

type Sent = { query?: string; type?: string; headers?: Record<string, string>; by?: Call };

function send(file: string | Uint8Array<ArrayBuffer>, { query = '', type, headers = {}, by = committee }: Sent = {}) {
  const media = type ?? (typeof file === 'string' ? csvType : xlsxType);
  return by.raw('POST', `${base}/imports${query}`, file, { 'content-type': media, ...headers });
}

const sendCsv = (rows: readonly (readonly string[])[], sent: Sent = {}) => send(csvOf(rows), sent);
const sendBook = (rows: readonly (readonly WorkbookCell[])[], sent: Sent = {}) => send(workbook(rows), sent);
const byPlate = (a: AnyBody, b: AnyBody): number => (a.plate < b.plate ? -1 : 1);
const listed = async () =>
  ((await committee.get(`${base}/vehicles?limit=200`)).body.items as AnyBody[]).toSorted(byPlate);
const plates = async () => (await listed()).map(({ plate }) => plate);
const outcomes = ({ body }: Answer<AnyBody>) =>
  body.rows.map(({ row, outcome, rule }: AnyBody) => `${row}: ${rule ?? outcome}`);

describe('a file is imported', () => {
  test('each row with what became of it, and the list holds what was taken', async () => {
    const done = await sendCsv([
      ['沪A00001', '138 0013 8000', '3号楼'],
      ['沪ad00002', '', ''],
      ['沪AI2345', '', ''],
      ['沪A00004', '12345', ''],
      ['沪A·00001', '', '又一次'],
    ]);
    expect(done.status).toBe(201);
    expect(outcomes(done)).toEqual([
      '2: added',
      '3: added',
      '4: plate-invalid',
      '5: phone-invalid',
      '6: duplicate-row',
    ]);
    expect(done.body).toMatchObject({ counts: { added: 2, changed: 0, unchanged: 0, removed: 0, refused: 3 } });
    expect(done.body.rows[2]).toMatchObject({ plate: '沪AI2345', column: 'plate', why: { en: /I or O/ } });
    expect(done.body.rows[3].column).toBe('phone');
    expect(done.body.rows[4].sameAsRow).toBe(2);
    expect(await listed()).toMatchObject([
      { plate: '沪A00001', phone: '+8613800138000', note: '3号楼' },
      { plate: '沪AD00002', phone: null, note: '' },
    ]);
  });

  test.each([
    ['UTF-8', (text: string) => strToU8(text)],
    ['UTF-8 with a byte order mark', (text: string) => strToU8(`\uFEFF${text}`)],
    ['GB18030', gb18030],
    ['UTF-16 with its mark', (text: string) => new Uint8Array(Buffer.from(`\uFEFF${text}`, 'utf16le'))],
  ])('in %s', async (_name, encode) => {
    const bytes = new Uint8Array(encode(csvOf([['沪A00001', '', '虹星3号楼']])));
    expect(outcomes(await send(bytes, { type: csvType }))).toEqual(['2: added']);
    expect((await listed())[0]).toMatchObject({ plate: '沪A00001', note: '虹星3号楼' });
  });

  test.each([',', ';', '\t'])('with %j between its fields', async (separator) => {
    expect(outcomes(await send(csvOf([['沪A00001', '13800138000', '3号楼']], separator)))).toEqual(['2: added']);
    expect((await listed())[0]).toMatchObject({ phone: '+8613800138000', note: '3号楼' });
  });

  test('with English headings, in any order, with columns that nobody reads', async () => {
    expect(outcomes(await send('Note,x,Phone,Plate\r\nhouse 3,y,13800138000,沪A00001'))).toEqual(['2: added']);
    expect((await listed())[0]).toMatchObject({ plate: '沪A00001', phone: '+8613800138000', note: 'house 3' });
  });

  test('as XLSX: shared texts, numbers, empty cells and dates', async () => {
    const done = await sendBook([
      [...header, '失效日期'],
      ['沪A00001', 13800138000, '', 46387],
      ['沪A00002', '', '5号楼', '2026-12-31'],
      ['沪A00003', '', '', '明年'],
    ]);
    expect(outcomes(done)).toEqual(['2: added', '3: added', '4: date-invalid']);
    expect(await listed()).toMatchObject([
      { plate: '沪A00001', phone: '+8613800138000', validTo: '2026-12-31' },
      { plate: '沪A00002', note: '5号楼', validTo: '2026-12-31' },
    ]);
  });

  test('formulas are neither computed nor believed', async () => {
    const last = { formula: 'HYPERLINK("http://example.org")', last: '沪A00001' };
    expect(outcomes(await sendBook([header, [last, '', ''], ['沪A00002', '', { formula: '1+1', last: '2' }]]))).toEqual(
      ['2: formula-in-cell', '3: formula-in-cell'],
    );
    expect(outcomes(await sendCsv([['沪A00003', '', "=cmd|'/c calc'!A0"]]))).toEqual(['2: formula-in-cell']);
    expect(await plates()).toEqual([]);
  });

  test('identity numbers are refused in whatever column they stand, and are repeated nowhere', async () => {
    const number = '11010519491231002X';
    const done = await send(
      `车牌,备注,证件\r\n沪A00001,${number},\r\n沪A00002,,"110105 19491231 002X"\r\n${number},,\r\n沪A00004,3号楼,`,
    );
    expect(outcomes(done)).toEqual(['2: identity-number', '3: identity-number', '4: identity-number', '5: added']);
    expect(done.body.rows.map(({ column }: AnyBody) => column)).toEqual(['note', 'other', 'plate', null]);
    const kept = await site.db.query('SELECT report, before FROM roster_import WHERE site_id = $1', [site.id]);
    expect(JSON.stringify([done.body, kept])).not.toMatch(/1949/);
    expect(await plates()).toEqual(['沪A00004']);
  });

  test('5,000 rows are taken, one more is refused', async () => {
    const rows = Array.from({ length: 5001 }, (_, number) => [plateNumber(number), '', '']);
    const full = await sendCsv(rows);
    expect([problemOf(full), await plates()]).toEqual(['rule: too-many-rows', []]);
    expect(problemOf(await sendBook([header, ...rows]))).toBe('rule: too-many-rows');
    expect((await sendCsv(rows.slice(1))).body.counts.added).toBe(5000);
  });

  test.each<[string, string | Uint8Array<ArrayBuffer>, string]>([
    ['nothing', '', 'no-rows'],
    ['a header alone', '车牌,手机', 'no-rows'],
    ['no column of plates', '姓名,手机\r\n王,13800138000', 'no-plate-column'],
    ['a quote that does not end', '车牌\r\n"沪A00001', 'file-unreadable'],
    ['bytes of no text', new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 0, 16]), 'file-unreadable'],
    ['a broken archive', workbook([header, ['沪A00001', '', '']]).slice(0, 300), 'file-unreadable'],
    ['an archive that is no workbook', new Uint8Array(zipSync({ 'a.txt': strToU8('x') })), 'file-unreadable'],
    ['a sheet with entities of its own', withSheet('<!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'), 'file-unreadable'],
  ])('%s is refused by name, and nothing is written', async (_what, file, rule) => {
    const before = await site.rows();
    expect(problemOf(await send(file))).toBe(`rule: ${rule}`);
    expect(await site.rows()).toEqual(before);
  });

  test('a zip bomb is stopped before it has unpacked', async () => {
    const zeros = new Uint8Array(48_000_000);
    const bomb = workbook([header, ['沪A00001', '', '']], { 'xl/worksheets/sheet2.xml': [zeros, { level: 1 }] });
    expect(bomb.length).toBeLessThan(1_000_000);
    const before = process.memoryUsage().arrayBuffers;
    expect(problemOf(await send(bomb))).toBe('rule: file-too-large');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32_000_000);
  });

  test('a file over 1 MiB, or of another type, is refused; JSON elsewhere keeps its 64 KiB', async () => {
    const large = await send(`车牌\r\n${'沪A00001\r\n'.repeat(100_000)}`);
    expect([large.status, problemOf(large), large.body.detail]).toEqual([
      413,
      'too-large',
      expect.stringMatching(/1 MiB/),
    ]);
    const json = await committee.post(`${base}/imports`, { plate: '沪A00001' });
    expect([json.status, problemOf(json)]).toEqual([415, 'unsupported-media-type']);
    const note = 'x'.repeat(70_000);
    expect((await committee.post(`${base}/vehicles`, { plate: '沪A00001', note })).status).toBe(413);
    expect((await committee.raw('POST', `${base}/vehicles`, 'plate', { 'content-type': csvType })).status).toBe(415);
  });
});

function withSheet(xml: string): Uint8Array<ArrayBuffer> {
  return workbook([header], { 'xl/worksheets/sheet1.xml': strToU8(xml) });
}

describe('what is there already', () => {
  beforeEach(async () => {
    await sendCsv([
      ['沪A00001', '', '1号楼'],
      ['沪A00002', '', '2号楼'],
    ]);
  });
  const second = [
    ['沪A00001', '', '1号楼'],
    ['沪A00003', '', '3号楼'],
  ];

  test('stays beside what a file adds', async () => {
    expect(outcomes(await sendCsv([...second, ['沪A00002', '', '5号楼']]))).toEqual([
      '2: unchanged',
      '3: added',
      '4: changed',
    ]);
    expect((await listed()).map(({ note }) => note)).toEqual(['1号楼', '5号楼', '3号楼']);
  });

  test('goes when a file replaces the roster, but for a row that only has a slip in it', async () => {
    expect(outcomes(await sendCsv(second, { query: '?mode=replace' }))).toEqual([
      '2: unchanged',
      '3: added',
      'null: removed',
    ]);
    expect(await plates()).toEqual(['沪A00001', '沪A00003']);
    const slip = await sendCsv(
      [
        ['沪A00001', '', ''],
        ['沪A00003', '12', ''],
      ],
      { query: '?mode=replace' },
    );
    expect(outcomes(slip)).toEqual(['2: changed', '3: phone-invalid']);
    expect(await plates()).toEqual(['沪A00001', '沪A00003']);
  });

  test('stays as it is in a dry run, which says the same rows', async () => {
    const dry = await sendCsv(second, { query: '?mode=replace&dryRun=true' });
    expect([dry.status, dry.body.id]).toEqual([200, null]);
    expect(await plates()).toEqual(['沪A00001', '沪A00002']);
    const done = await sendCsv(second, { query: '?mode=replace' });
    expect([done.body.rows, done.body.counts]).toEqual([dry.body.rows, dry.body.counts]);
  });

  test('comes back when the import is undone, once', async () => {
    const before = await listed();
    const rows = [
      ['沪A00003', '', ''],
      ['沪A00002', '13800138000', '改了'],
    ];
    const { body } = await sendCsv(rows, { query: '?mode=replace' });
    expect(await plates()).toEqual(['沪A00002', '沪A00003']);
    expect((await committee.post(`${base}/imports/${body.id}/undo`, {})).status).toBe(200);
    const facts = ({ plate, phone, note, validFrom, validTo }: AnyBody) => ({ plate, phone, note, validFrom, validTo });
    expect((await listed()).map(facts)).toEqual(before.map(facts));
    expect(problemOf(await committee.post(`${base}/imports/${body.id}/undo`, {}))).toBe('rule: already-undone');
    expect((await committee.get(`${base}/imports`)).body.items[0]).toMatchObject({ id: body.id, undoneAt: /2026/ });
  });

  test('is not undone over what somebody changed since', async () => {
    const { body } = await sendCsv([['沪A00003', '', '']]);
    await sendCsv([['沪A00003', '', '改了']]);
    expect(problemOf(await committee.post(`${base}/imports/${body.id}/undo`, {}))).toBe('rule: roster-changed-since');
    expect(await plates()).toContain('沪A00003');
  });

  test('is found by the last characters of its plate, page by page', async () => {
    await sendCsv(Array.from({ length: 5 }, (_, at) => [`沪B1${at}002`, '', '']));
    const tail = (await committee.get(`${base}/vehicles?tail=002&limit=4`)).body;
    expect(tail.items.map(({ plate }: AnyBody) => plate)).toEqual(['沪B14002', '沪B13002', '沪B12002', '沪B11002']);
    const next = (await committee.get(`${base}/vehicles?tail=002&limit=4&cursor=${tail.nextCursor}`)).body;
    expect([next.items.length, next.nextCursor]).toEqual([2, null]);
    expect((await committee.get(`${base}/vehicles?tail=${encodeURIComponent('沪A00002')}`)).status).toBe(422);
  });

  test('a single row is added and taken off, and refused by the same rules', async () => {
    const add = (row: object) => committee.post(`${base}/vehicles`, row);
    const { body } = await add({ plate: '沪A00009', phone: '13800138000' });
    expect(problemOf(await add({ plate: '沪A00009' }))).toBe('rule: plate-on-roster');
    expect(problemOf(await add({ plate: '沪AI0009' }))).toBe('rule: plate-invalid');
    expect(problemOf(await add({ plate: '沪A00010', note: '11010519491231002X' }))).toBe('rule: identity-number');
    expect((await committee.delete(`${base}/vehicles/${body.id}`)).status).toBe(200);
    expect(await plates()).toEqual(['沪A00001', '沪A00002']);
  });
});

describe('vehicles follow the roster', () => {
  test('set by set: those of a file are verified, those that a replacement drops are not any more, and an undo turns it back', async () => {
    const owners = await Promise.all(
      ['沪A00001', '沪A00002'].map(async (plate) => {
        const person = await site.person({ roles: [{ role: 'resident', organisationId: 'hongxing' }] });
        await person.post('/me/vehicles', { plate });
        return person;
      }),
    );
    const verified = () =>
      Promise.all(owners.map(async (person) => (await person.get('/me')).body.vehicles[0].verified as boolean));
    const first = await sendCsv([
      ['沪A00001', '', ''],
      ['沪A00002', '', ''],
    ]);
    expect([first.body.verified, first.body.unverified, await verified()]).toEqual([2, 0, [true, true]]);
    const second = await sendCsv([['沪A00001', '', '']], { query: '?mode=replace' });
    expect([second.body.verified, second.body.unverified, await verified()]).toEqual([0, 1, [true, false]]);
    const undone = await committee.post(`${base}/imports/${second.body.id}/undo`, {});
    expect([undone.body, await verified()]).toEqual([{ verified: 1, unverified: 0 }, [true, true]]);
  });

  test('a phone in the file makes its person a resident; a row without one makes nobody one', async () => {
    const [named, other] = [await site.person(anEmployee()), await site.person(anEmployee())];
    for (const [person, plate] of [
      [named, '沪A00001'],
      [other, '沪A00002'],
    ] as const)
      await person.post('/me/vehicles', { plate });
    await sendCsv([
      ['沪A00001', named.phone, ''],
      ['沪A00002', '', ''],
    ]);
    const seen = async (person: Call) => {
      const { roles, vehicles } = (await person.get('/me')).body;
      return [roles.some(({ role }: AnyBody) => role === 'resident'), vehicles[0].verified];
    };
    expect([await seen(named), await seen(other)]).toEqual([
      [true, true],
      [false, false],
    ]);
  });

  test('a retry with the same key and file is one import; another file with that key is refused, whatever its encoding', async () => {
    const headers = { 'idempotency-key': 'import-1' };
    const text = csvOf([['沪A00001', '', '甲']]);
    const first = await send(new Uint8Array(gb18030(text)), { type: csvType, headers });
    const again = await send(new Uint8Array(gb18030(text)), { type: csvType, headers });
    expect([again.body, again.headers.get('idempotent-replay')]).toEqual([first.body, 'true']);
    expect((await committee.get(`${base}/imports`)).body.items).toHaveLength(1);
    const other = await send(new Uint8Array(gb18030(text.replace('甲', '乙'))), { type: csvType, headers });
    expect(problemOf(other)).toBe('key-reused');
  });
});

describe('who sees a roster', () => {
  beforeEach(
    async () =>
      void (await sendCsv([
        ['沪A00001', '13800138000', '3号楼'],
        ['沪AI2345', '', ''],
      ])),
  );

  test('its committee in full; the site’s administrator masked; nobody else at all', async () => {
    const administrator = await site.person(staff('site-administrator', null));
    expect((await committee.get(`${base}/vehicles`)).body.items[0]).toMatchObject({
      plate: '沪A00001',
      phone: '+8613800138000',
    });
    const masked = await administrator.get(`${base}/vehicles`);
    expect(masked.body.items[0]).toMatchObject({ plate: '沪A·***01', phone: '138****8000' });
    const [made] = (await administrator.get(`${base}/imports`)).body.items;
    const report = (await administrator.get(`${base}/imports/${made.id}`)).body;
    expect(JSON.stringify(report)).not.toMatch(/A00001|AI2345|138001/);
    for (const stranger of [staff('committee', 'institute-21-neighbours'), staff('provider'), anEmployee()]) {
      const person = await site.person(stranger);
      for (const path of [
        '/vehicles',
        '/vehicles.csv',
        '/imports',
        `/imports/${made.id}`,
        `/imports/${made.id}/report.csv`,
      ])
        expect([path, problemOf(await person.get(`${base}${path}`))]).toEqual([path, 'not-found']);
      expect(problemOf(await sendCsv([['沪A00002', '', '']], { by: person }))).toBe('not-found');
      expect(problemOf(await person.post(`${base}/imports/${made.id}/undo`, {}))).toBe('not-found');
    }
  });

  test('lists the rosters that one keeps', async () => {
    const organisations = async (person: Call) =>
      (await person.get('/rosters')).body.items.map(({ organisationId, masked }: AnyBody) => [organisationId, masked]);
    expect(await organisations(committee)).toEqual([['hongxing', false]]);
    expect(await organisations(await site.person(staff('site-administrator', null)))).toContainEqual([
      'hongxing',
      true,
    ]);
    expect(await organisations(await site.person(anEmployee()))).toEqual([]);
  });

  test('whoever takes it as a file is written down, without a plate', async () => {
    await committee.get(`${base}/vehicles.csv`);
    const [made] = (await committee.get(`${base}/imports`)).body.items;
    await committee.get(`${base}/imports/${made.id}/report.csv`);
    const events = await site.db.query<{ type: string; actor: string; facts: object }>(
      `SELECT type, actor_id AS actor, facts FROM event WHERE site_id = $1 AND type LIKE 'roster.%' ORDER BY id`,
      [site.id],
    );
    expect(events.map(({ type }) => type)).toEqual(['roster.imported', 'roster.exported', 'roster.report-exported']);
    expect(events.every(({ actor }) => actor === committee.id)).toBe(true);
    expect(JSON.stringify(events)).not.toMatch(/沪|138/);
  });

  test('files are safe to open in a spreadsheet, and the roster’s can be imported again', async () => {
    await committee.post(`${base}/vehicles`, { plate: '沪A00003', note: '+1-2' });
    const csv = (await committee.get<string>(`${base}/vehicles.csv`)).body;
    expect(csv).toContain("'+1-2");
    const again = await send(csv.replace(/^\uFEFF/, ''), { query: '?mode=replace&dryRun=true' });
    expect(again.body.counts).toMatchObject({ added: 0, removed: 0, refused: 0 });
    const [made] = (await committee.get(`${base}/imports`)).body.items;
    const report = (await committee.get<string>(`${base}/imports/${made.id}/report.csv`)).body;
    expect(report).toContain('沪A00001,13800138000,3号楼,added');
    expect(report).toContain('沪AI2345,,,refused,plate-invalid,plate');
  });

  test('only the newest imports are kept', async () => {
    for (let round = 0; round < 21; round++) await sendCsv([['沪A00001', '', `${round}号楼`]]);
    expect((await committee.get(`${base}/imports`)).body.items).toHaveLength(20);
  });
});
