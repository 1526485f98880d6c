import type { Localized } from '../http/schemas.ts';
import type { PlateFault } from './plate.ts';

/** What is wrong with a plate, and what to look at. */
const plateFaults: Record<PlateFault, Localized> = {
  province: {
    zh: '车牌要以省份简称开头，例如 沪A12345。',
    en: 'A plate begins with the character of its province, e.g. 沪A12345.',
  },
  office: {
    zh: '省份后面是一个字母（没有 I 和 O），例如 沪A12345。',
    en: 'After the province comes a letter (never I or O), e.g. 沪A12345.',
  },
  length: {
    zh: '普通车牌是 7 位，新能源车牌是 8 位，请核对位数。',
    en: 'A plate has 7 characters, that of a new-energy vehicle 8. Please count them.',
  },
  sign: {
    zh: '车牌只有数字和字母，没有字母 I 和 O（请看是不是 1 和 0）。',
    en: 'A plate has digits and letters, never I or O: look whether they are 1 and 0.',
  },
  energy: {
    zh: '8 位的是新能源车牌：第三位或最后一位是 A–K 的字母，其余是数字，例如 沪AD12345。普通车牌是 7 位。',
    en: 'Eight characters are for new-energy vehicles: a letter from A to K stands third or last, and digits elsewhere, e.g. 沪AD12345. An ordinary plate has 7.',
  },
};

/** What is wrong with a plate, in words. */
export const plateFaultText = (fault: PlateFault): Localized => plateFaults[fault];

/** Why people's vehicles and rosters are refused, by rule, and what to do. */
export const peopleRefusals = {
  'too-many-vehicles': {
    zh: '登记的车辆已到上限，请先移除不用的车辆。',
    en: 'You have as many vehicles as one person may have. Remove one that you do not use.',
  },
  'plate-taken': {
    zh: '这个车牌已经由其他人登记并核验。如果是您的车，请联系居委更新名册。',
    en: 'This plate is verified for somebody else. If it is yours, ask your residents’ committee to update its roster.',
  },
  'plate-listed': { zh: '这个车牌已经在您的车辆里。', en: 'This plate is among your vehicles already.' },
  'vehicle-in-use': {
    zh: '这辆车还有预约或候补，请先取消，再移除车辆。',
    en: 'This vehicle has a booking or a place in line. Cancel it first, then remove the vehicle.',
  },
  'plate-on-roster': { zh: '名册里已经有这个车牌。', en: 'The roster has this plate already.' },
  'roster-full': {
    zh: '名册的车辆数已到上限，请先移除不再有效的车辆。',
    en: 'The roster is full. Remove vehicles that are no longer valid.',
  },
  'phone-invalid': {
    zh: '不是有效的中国大陆手机号，例如 13800000001；没有可以留空。',
    en: 'Not a mainland mobile number, e.g. 13800000001; it may be left empty.',
  },
  'identity-number': {
    zh: '请删除身份证号码：本系统不收集身份证号码。',
    en: 'Please take the identity number out: none are collected here.',
  },
  'note-invalid': {
    zh: '备注最多 60 个字，不能换行。',
    en: 'A note has 60 characters at most, on one line.',
  },
  'date-invalid': { zh: '日期请写成 2026-12-31。', en: 'Write the date as 2026-12-31.' },
  'dates-out-of-order': { zh: '失效日期早于生效日期。', en: 'It ends before it begins.' },
  'duplicate-row': { zh: '同一个车牌在文件里已经出现过。', en: 'The file has this plate in an earlier row.' },
  'formula-in-cell': {
    zh: '单元格里是公式，请改成文字（复制后“粘贴为值”）。',
    en: 'The cell is a formula. Replace it by its text (copy, then paste as values).',
  },
  'file-unreadable': {
    zh: '文件读不出来。请使用 CSV（UTF-8 或 GB18030）或 XLSX 文件。',
    en: 'The file cannot be read. Use CSV (UTF-8 or GB18030) or XLSX.',
  },
  'file-too-large': {
    zh: '文件展开后过大，请只保留车牌、手机和备注，分几次导入。',
    en: 'The file unpacks to too much. Keep plate, phone and note only, or import it in parts.',
  },
  'too-many-rows': {
    zh: '一个文件最多 5000 行，请分几次导入。',
    en: 'A file has 5,000 rows at most. Import it in parts.',
  },
  'no-plate-column': {
    zh: '没有找到“车牌”列。第一行请写列名：车牌、手机、备注。',
    en: 'There is no column "plate". Name the columns in the first row: plate, phone, note.',
  },
  'no-rows': { zh: '文件里没有车辆。', en: 'The file has no vehicles.' },
  'already-undone': { zh: '这次导入已经撤销过了。', en: 'This import was undone already.' },
  'roster-changed-since': {
    zh: '导入之后名册又有更改，不能整批撤销；请逐个调整。',
    en: 'The roster was changed since that import. Change single vehicles instead.',
  },
} satisfies Record<string, Localized>;
