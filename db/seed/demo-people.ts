import type { DemoPerson } from '../../api/people/schemas.ts';

/** People of the demo: fixed ids, so that loading them twice changes nothing. Invented, like their plates and children. */
type SeedPerson = DemoPerson & {
  id: string;
  roles: readonly { role: string; organisationId: string | null }[];
  vehicles?: readonly { id: string; plate: string; plateClass: 'ordinary' | 'new-energy' }[];
  children?: readonly { id: string; name: string; grade: number }[];
  mealSubsidyFen?: number;
};

const seedId = (kind: number, number: number): string =>
  `01900000-0000-7000-8${String(kind).padStart(3, '0')}-${String(number).padStart(12, '0')}`;

export const demoPeople: readonly SeedPerson[] = [
  {
    id: seedId(1, 1),
    phone: '13800000001',
    name: '王阿姨',
    role: 'resident',
    about: {
      zh: '虹星居委居民，有一辆已核验的车：预约夜间停车',
      en: 'A resident with a verified car: books night parking',
    },
    roles: [
      { role: 'resident', organisationId: 'hongxing' },
      { role: 'resident', organisationId: 'institute-21-neighbours' },
    ],
    vehicles: [{ id: seedId(2, 1), plate: '沪A12345', plateClass: 'ordinary' }],
  },
  {
    id: seedId(1, 2),
    phone: '13800000002',
    name: '小林',
    role: 'employee',
    about: { zh: '园区员工，有餐卡：预约午餐和班车', en: 'An employee with a meal card: books lunch and the shuttle' },
    roles: [{ role: 'employee', organisationId: 'demo-ic' }],
    mealSubsidyFen: 17_600,
  },
  {
    id: seedId(1, 3),
    phone: '13800000003',
    name: '陈爸爸',
    role: 'parent',
    about: {
      zh: '园区员工，有两个已核验的孩子：报名暑托班',
      en: 'A parent with two verified children: enrols them for the summer',
    },
    roles: [
      { role: 'parent', organisationId: null },
      { role: 'employee', organisationId: 'demo-bio' },
    ],
    children: [
      { id: seedId(3, 1), name: '陈一一', grade: 2 },
      { id: seedId(3, 2), name: '陈小二', grade: 4 },
    ],
    mealSubsidyFen: 8_000,
  },
  {
    id: seedId(1, 4),
    phone: '13800000004',
    name: '食堂周经理',
    role: 'canteen-manager',
    about: { zh: '食堂经理：调整取餐时段的容量', en: 'The canteen manager: changes the capacity of pick-up windows' },
    roles: [{ role: 'canteen-manager', organisationId: 'park' }],
  },
  {
    id: seedId(1, 5),
    phone: '13800000005',
    name: '班车调度老吴',
    role: 'dispatcher',
    about: { zh: '班车调度员：调整班次座位', en: 'The dispatcher: changes the seats of shuttle runs' },
    roles: [{ role: 'dispatcher', organisationId: 'park' }],
  },
  {
    id: seedId(1, 6),
    phone: '13800000006',
    name: '暑托李老师',
    role: 'care-teacher',
    about: { zh: '暑托班老师：查看和调整班级名额', en: 'The care teacher: sees and changes the places of classes' },
    roles: [{ role: 'care-teacher', organisationId: 'park' }],
  },
  {
    id: seedId(1, 7),
    phone: '13800000007',
    name: '停车场老张',
    role: 'provider',
    about: { zh: '车场提供方：调整夜间车位数', en: 'The parking provider: changes how many spaces are lent' },
    roles: [{ role: 'provider', organisationId: 'park' }],
  },
  {
    id: seedId(1, 8),
    phone: '13800000008',
    name: '虹星居委刘主任',
    role: 'committee',
    about: {
      zh: '居委管理员：核验车辆名册，确认停车协议',
      en: 'The residents’ committee: keeps the roster of vehicles, confirms agreements',
    },
    roles: [{ role: 'committee', organisationId: 'hongxing' }],
  },
  {
    id: seedId(1, 9),
    phone: '13800000009',
    name: '园区管理员',
    role: 'site-administrator',
    about: { zh: '园区管理员：管理所有资源的容量', en: 'The site administrator: changes the capacity of everything' },
    roles: [{ role: 'site-administrator', organisationId: null }],
  },
];

/** What the demo's committee keeps of its compound's cars; invented, like their owners. */
export const demoRoster = [
  { plate: '沪A12345', phone: '+8613800000001', note: '3号楼' },
  { plate: '沪B67K21', phone: null, note: '3号楼' },
  { plate: '沪AD20345', phone: null, note: '5号楼' },
  { plate: '沪C9F345', phone: null, note: '7号楼' },
].map((row, index) => ({ id: seedId(5, index + 1), organisationId: 'hongxing', addedBy: seedId(1, 8), ...row }));

/** Employees for load tests. */
export const loadTesters = Array.from({ length: 1000 }, (_, index) => ({
  id: seedId(4, index),
  phone: `1380000${1000 + index}`,
  name: `测试员工${String(index).padStart(3, '0')}`,
}));

/** Whether a phone in E.164 is of the demo. */
export function isDemoPhone(phone: string): boolean {
  const national = phone.replace(/^\+86/, '');
  return /^13800001\d{3}$/.test(national) || demoPeople.some((person) => person.phone === national);
}

/** What the sign-in page shows of the demo's people. */
export function shownDemoPeople(): DemoPerson[] {
  return demoPeople.map(({ phone, name, role, about }) => ({ phone, name, role, about }));
}
