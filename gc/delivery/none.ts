/** No delivery: nobody ever meets a page that is not ready. */
import { createHistogram } from 'node:perf_hooks';
import type { DeliveryKind } from './delivery.js';

export const noDelivery: DeliveryKind = {
  name: 'none',
  summary: 'no fault is possible',
  servers: () => 0,
  create: () => ({
    service: createHistogram(),
    start: async () => {},
    quiesce: async () => {},
    isIdle: () => true,
    served: () => ({ built: 0, updated: 0, mapped: 0, published: 0 }),
    settled: async () => {},
    cpuMs: () => 0,
    incidents: () => [],
    stop: async () => {},
  }),
};
