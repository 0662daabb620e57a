/**
 * A process that ends, in the way its first argument names, while a thread of it waits for a fault. Nobody resolves
 * the fault: the process must end all the same.
 */
import { Mapping, Memfd } from '../../native/memory.js';
import { Userfaultfd } from '../../native/userfaultfd.js';
import { startToucher } from './native-toucher.js';

const memfd = Memfd.create(65536);
const view = Mapping.shared(memfd);
const userfaultfd = Userfaultfd.open();
userfaultfd.register(view, 0, view.bytes, { missing: true });
const { ready, value, worker } = startToucher({ mapping: view.id, offset: 4096 });
await ready;
userfaultfd.read(new Float64Array(4), 5000);

switch (process.argv[2]) {
  case 'exit':
    process.exit(0);
    break;
  case 'throw':
    setImmediate(() => {
      throw new Error('on purpose');
    });
    break;
  case 'close':
    userfaultfd.close();
    await value;
    break;
  case 'unmap':
    view.close();
    await value;
    break;
  case 'closeAll':
    Userfaultfd.closeAll();
    await value;
    await worker.terminate();
}
