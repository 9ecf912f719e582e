// What campaigns and messages are edited with. Each part starts what it finds.
import {start as flow} from './editor/flow.js';

export async function start(root) {
  flow(root);
}
