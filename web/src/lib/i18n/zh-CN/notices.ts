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
    'ride-gone': '您候补的班次取消或改了方向，候补已结束',
    'ride-moved': '您候补的班次改了时间，候补仍有效',
  },
  reason: (why: string) => `原因：${why}`,
  rideGone: '请看当天其他班次。这班车如果恢复，需要重新候补。',
  rideMoved: '请看当天班次；不去的话请退出候补。',
};
