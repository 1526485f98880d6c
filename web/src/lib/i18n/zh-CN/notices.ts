/** What the service tells people of their bookings. */
export const notices = {
  title: '消息',
  unread: (n: number, isMore: boolean) => (isMore ? `${n} 条以上新消息` : `${n} 条新消息`),
  isNew: '未读',
  readAll: '全部标为已读',
  empty: '还没有消息',
  emptyBody: '预约快到时、有候补名额时、预约被调整时，会在这里告诉您。',
  kinds: {
    reminder: '快到时间了',
    offer: '有名额为您保留',
    displaced: '预约被调整',
    'leave-by': '快到离场时间了',
    overstay: '停车超过了离场时间',
    moved: '时间有调整',
    standby: '候补上车成功',
    'standing-ride': '固定乘车有一天要留意',
  },
};
