import type { Component } from 'svelte';
import Bus from '@lucide/svelte/icons/bus';
import GraduationCap from '@lucide/svelte/icons/graduation-cap';
import SquareParking from '@lucide/svelte/icons/square-parking';
import Utensils from '@lucide/svelte/icons/utensils';
import type { ServiceKind } from './api.ts';

type Icon = Component<{ size?: number | string; strokeWidth?: number; class?: string }>;

/** The picture of each service; its hue comes from `data-service` (app.css). */
export const serviceIcons: Record<ServiceKind, Icon> = {
  parking: SquareParking,
  canteen: Utensils,
  shuttle: Bus,
  childcare: GraduationCap,
};

/** The order in which the services are shown. */
export const serviceOrder: readonly ServiceKind[] = ['parking', 'canteen', 'shuttle', 'childcare'];
