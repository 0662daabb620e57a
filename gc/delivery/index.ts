import type { DeliveryKind } from './delivery.js';
import { noDelivery } from './none.js';
import { handlerDelivery } from './servers.js';
import { signalDelivery } from './signal.js';

/** Every delivery there is: one line each. */
export const DELIVERIES: Readonly<Record<string, DeliveryKind>> = {
  handler: handlerDelivery,
  signal: signalDelivery,
  none: noDelivery,
};

export type { Delivery, DeliveryKind, Served } from './delivery.js';
