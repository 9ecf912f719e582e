// What campaigns and messages are edited with. Each part starts what it finds.
import {start as flow} from './editor/flow.js';

export async function start(root) {
  flow(root);
  const main = root.matches?.('[data-editor="blocks"]') ? root : root.querySelector?.('[data-editor="blocks"]');
  if (main) import('./editor/blocks.js').then((m) => m.start(main));
}
