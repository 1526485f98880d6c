import type { Component } from 'svelte';
import CalendarCheck from '@lucide/svelte/icons/calendar-check';
import House from '@lucide/svelte/icons/house';
import UserRound from '@lucide/svelte/icons/user-round';
import type { Texts } from './i18n/zh-CN.ts';

export interface NavigationItem {
  href: string;
  text: string;
  Icon: Component<{ size?: number | string; strokeWidth?: number }>;
  isHere: boolean;
}

/** The ways to go, in their order; service pages belong to the home page. */
export function navigationFor(t: Texts, path: string): NavigationItem[] {
  const isBookings = path.startsWith('/bookings');
  const isMe = path.startsWith('/me') || path.startsWith('/sign-in');
  return [
    { href: '/', text: t.common.nav.home, Icon: House, isHere: !isBookings && !isMe },
    { href: '/bookings', text: t.common.nav.bookings, Icon: CalendarCheck, isHere: isBookings },
    { href: '/me', text: t.common.nav.me, Icon: UserRound, isHere: isMe },
  ];
}
