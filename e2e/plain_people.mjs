// Acts on one person, none of which asks first where no script can ask: what
// cannot be undone has a page of its own.
import {outside} from './walk_browser.mjs';
import {demand} from './walk_setup.mjs';
import {say} from './walk_words.mjs';

async function open(walk, email) {
  await walk.go('customers');
  await walk.title(say('customers_title'));
  await walk.app.locator('#list').getByLabel(say('customers_search')).fill(email);
  await walk.press(say('list_filter'));
  await walk.app.locator('#list tbody a').first().click();
  await walk.sees(email);
}

export async function people(walk) {
  const {app} = walk;
  const only = async (address) => {
    await app.getByLabel(say('lists_exact')).fill(address);
    await walk.press(say('list_filter'));
    await walk.link(say('list_all')).first().waitFor();
    demand(await app.locator('#list tbody tr').count() === 1, `${address} is on the list`, await walk.text());
  };
  await walk.step('stop what goes to a customer', async () => {
    await open(walk, 'buyer5@example.com');
    await app.getByLabel(say('customers_stop_what')).selectOption('all');
    await walk.press(say('customers_stop'));
    await walk.sees(say('said_customers_stopped'));
  });
  await walk.step('stop an address that nobody knows', async () => {
    await walk.go('lists');
    await walk.link(say('nav_lists/suppression')).first().click();
    await walk.title(say('lists_suppression_title'));
    await only('buyer5@example.com'); // who is stopped is kept by a mark of the address
    await app.locator('summary', {hasText: say('lists_suppression_add')}).click();
    await app.getByRole('textbox', {name: say('lists_address'), exact: true}).fill('stranger@example.org');
    await walk.press(say('lists_suppression_add'));
    await walk.sees(say('said_lists_stopped'));
    await only('stranger@example.org');
  });
  await walk.step('a wrong word erases nobody', async () => {
    await open(walk, 'buyer6@example.com');
    await walk.link(say('customers_erase')).click();
    walk.allow(/\/erase answered 422$/, /console says: Failed to load resource: .* 422 .*\/erase\)$/);
    await app.getByLabel(say('customers_erase_type', {Word: say('customers_erase_word')})).fill('xyz');
    await walk.press(say('customers_erase'));
    await walk.sees(say('customers_erase_wrong'));
    demand(await app.locator('[name=word]').inputValue() === 'xyz', 'what was typed stands there still', await app.locator('[name=word]').inputValue());
  });
  await walk.step('erase somebody', async () => {
    await app.locator('[name=word]').fill(say('customers_erase_word'));
    await walk.press(say('customers_erase'));
    await walk.sees(say('said_customers_erased'));
    await outside('settle');
    await app.locator('#list').getByLabel(say('customers_search')).fill('buyer6@example.com');
    await walk.press(say('list_filter'));
    await walk.sees(say('list_nothing'));
  });
}
