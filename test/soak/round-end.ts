/** What all rounds have in common: what the collector is told, and what must hold when it has stopped. */
import * as assert from 'uvu/assert';
import type { Collector, CollectorOptions } from '../../gc/index.js';
import { Control, type Heap } from '../../heap/index.js';
import type { Injector } from './injections.js';
import type { RoundSettings } from './settings.js';

const SERVERS = 4;

export function collectorOptions({ way, collector }: RoundSettings, { sabotage }: Injector): CollectorOptions {
  return { ...way, ...collector, sabotage };
}

/** Throws where something is left over, or happened that nobody injected. */
export function checkEnd(
  { way, injection, deaths = false }: RoundSettings,
  heap: Heap,
  collector: Collector,
  injector: Injector,
): void {
  const { control } = heap;
  assert.is(collector.error, null);
  assert.is(control[Control.COMPACTING], 0, 'a compaction runs');
  for (let i = 0; i < SERVERS; i++) assert.is(control[Control.SERVING + i], 0, `server ${i} is serving`);
  const died = (incident: string) => deaths && /ended without detach\(\)/.test(incident);
  const incidents = collector.records.flatMap((record) => record.incidents).filter((incident) => !died(incident));
  if (injection.env === undefined && injector.losses === 0) {
    assert.is(incidents.length, 0, `an incident although nothing was lost on purpose: ${incidents[0]}`);
  }
  const faults = { minor: control[Control.FAULTS_MINOR]!, missing: control[Control.FAULTS_MISSING]! };
  const signal = control[Control.FAULTS_SIGNAL]!;
  if (way.resolution === 'stw') assert.is(faults.minor + faults.missing + signal, 0, 'faults with the world stopped');
  if (way.delivery === 'signal') assert.is(faults.minor + faults.missing, 0, 'messages, although nobody reads any');
  else assert.is(signal, 0, 'signals, although a server reads messages');
  if (way.resolution === 'copy' || way.resolution === 'move')
    assert.is(faults.minor, 0, 'MINOR faults of private memory');
}
