/**
 * A process that has hardly a mapping left (vm.max_map_count) while a heap is compacted whose pages come by mprotect, and
 * mutators fault all over it. It ends with 0 and what it did, or says why not.
 */
import { readFileSync } from 'node:fs';
import { Collector, createHeap } from '../../gc/index.js';
import { defaultShape } from '../../heap/index.js';
import { Mapping } from '../../native/index.js';
import { startFleet } from './fleet.js';

const PAGE = 4096;
const [flip = '', leave = '200', cycles = '6'] = process.argv.slice(2);
const most = Number(readFileSync('/proc/sys/vm/max_map_count', 'utf8'));
const mappingsNow = () => readFileSync('/proc/self/maps', 'utf8').split('\n').length - 1;

const way = { resolution: 'protect', delivery: 'signal', flip } as const;
const heap = createHeap(defaultShape(64 << 20, 2), 'protect', flip, { delivery: 'signal' });
const collector = new Collector(heap, { ...way, workers: 2, publish: 'lazy' });
await collector.start();
const fleet = await startFleet(heap, 2, new URL('./hammer-program.js', import.meta.url), { objects: 20_000 });
for (let i = 0; i < 3; i++) await collector.collect(); // everything is compiled, every pool of memory made

// Every other page without permissions: each edge is a mapping.
const scratch = Mapping.anonymous(2 * PAGE * most);
const crowd = most - mappingsNow() - Number(leave);
for (let i = 0; i < crowd / 2; i++) scratch.protect((2 * i + 1) * PAGE, PAGE, 'none');
console.log(`${mappingsNow()} mappings of ${most}`);
let peak = 0;
const look = setInterval(() => {
  peak = Math.max(peak, mappingsNow());
}, 20);
for (let i = 0; i < Number(cycles); i++) await collector.collect();
clearInterval(look);
scratch.protect(0, scratch.bytes, 'readwrite');
const rounds = await fleet.leave();
await collector.stop();
console.log(`came through: ${rounds} rounds, ${peak} mappings at most`);
heap.close();
process.exit(0);
