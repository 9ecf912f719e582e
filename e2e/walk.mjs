// The walk of a merchant: install, setting up, a campaign, an order. WAY says
// whether it is inside Shopify, or by somebody who has signed in.
import {setUp} from './walk_setup.mjs';
import {change, goLive} from './walk_campaign.mjs';
import {sell} from './walk_order.mjs';
import {install, signIn} from './walk_way.mjs';
import {walking} from './walk_browser.mjs';

const inside = process.env.WAY === 'inside';

await walking({cookies: !inside}, async (walk) => {
  // A part that asks by itself how far something is, while its page is left.
  walk.allow(/^GET \S+\/(now|setup\/\w+)\S* failed: net::ERR_ABORTED$/);
  await (inside ? install : signIn)(walk);
  await setUp(walk);
  await change(walk);
  await goLive(walk);
  await sell(walk);
  const kept = await walk.context.cookies();
  if (inside && kept.length) throw new Error(`there are cookies: ${JSON.stringify(kept)}`);
});
