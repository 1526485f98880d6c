import type { Texts } from '../zh-CN.ts';

export const notices: Texts['notices'] = {
  title: 'Notices',
  unread: (n, isMore) => `${n}${isMore ? ' or more' : ''} new ${n === 1 ? 'notice' : 'notices'}`,
  isNew: 'New',
  readAll: 'Mark all as read',
  empty: 'No notices yet',
  emptyBody:
    'You will be told here when a booking is near, when a place is held for you, and when a booking had to give way.',
  kinds: {
    reminder: 'Coming up',
    offer: 'A place is held for you',
    displaced: 'A booking had to give way',
    'leave-by': 'Please leave soon',
    overstay: 'A stay went past its leave-by time',
    moved: 'The time has changed',
    standby: 'You have a seat from standby',
    'standing-ride': 'A day of your regular ride needs a look',
    'ride-gone': 'The run you waited for was cancelled or goes the other way: you wait no more',
    'ride-moved': 'The run you wait for leaves at another time: you keep your place',
  },
  reason: (why) => `Reason: ${why}`,
  rideGone: 'See the other runs of that day. If this one comes back, please join again.',
  rideMoved: 'See the runs of that day; if you will not ride, please leave the line.',
};
