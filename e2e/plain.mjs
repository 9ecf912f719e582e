// What a browser without scripts can do: all that changes something for a shop.
import {setUp} from './walk_setup.mjs';
import {change, goLive} from './walk_campaign.mjs';
import {sell} from './walk_order.mjs';
import {signIn} from './walk_way.mjs';
import {walking} from './walk_browser.mjs';
import {lists} from './plain_lists.mjs';
import {people} from './plain_people.mjs';
import {settings} from './plain_settings.mjs';

await walking({script: false}, async (walk) => {
  await signIn(walk);
  await lists(walk);
  await walk.go('home');
  await setUp(walk);
  await change(walk);
  await goLive(walk);
  await sell(walk);
  await settings(walk);
  await people(walk);
});
