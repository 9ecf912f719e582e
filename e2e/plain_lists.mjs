// Lists are paged and filtered by links and a form.
import {demand} from './walk_setup.mjs';
import {say} from './walk_words.mjs';

const rows = (walk) => walk.app.locator('#list tbody tr').count();

export async function lists(walk) {
  await walk.step('page through the customers', async () => {
    await walk.go('customers');
    await walk.title(say('customers_title'));
    demand(await rows(walk) === 50, 'a page has 50 rows', await rows(walk));
    await walk.link(say('list_next')).click();
    await walk.link(say('list_first')).waitFor();
    demand(await rows(walk) === 9, 'nine are left for the second', await rows(walk));
  });
  await walk.step('filter them', async () => {
    const field = walk.app.locator('#list').getByLabel(say('customers_search'));
    await field.fill('buyer7@example.com');
    await walk.press(say('list_filter'));
    await walk.link(say('list_all')).waitFor();
    demand(await rows(walk) === 1, 'one has this address', await rows(walk));
    await walk.app.locator('#list').getByLabel(say('customers_search')).fill('zzzz');
    await walk.press(say('list_filter'));
    await walk.sees(say('list_nothing'));
  });
  await walk.step('filter another list by a choice', async () => {
    await walk.go('lists');
    await walk.title(say('lists_messages_title'));
    await walk.app.getByLabel(say('lists_state')).first().selectOption({index: 1});
    await walk.press(say('list_filter'));
    await walk.sees(say('list_nothing'));
  });
}
