// Somebody buys: what the campaign does with it, and where that can be seen.
import {mailed, outside} from './walk_browser.mjs';
import {lang, say} from './walk_words.mjs';
import {demand} from './walk_setup.mjs';
import {title} from './walk_campaign.mjs';

export async function sell(walk) {
  const {app, page} = walk;
  let order;
  await walk.step('an order comes; the thank-you waits as the campaign says', async () => {
    order = await outside('buy');
    const early = await outside('mails', {to: order.Email});
    demand(early.length === 0, 'nobody is written to yet', JSON.stringify(early));
    await outside('pass', {time: '1h59m'});
    const still = await outside('mails', {to: order.Email});
    demand(still.length === 0, 'nobody is written to before two hours are over', JSON.stringify(still));
  });
  await walk.step('after two hours the customer has it, in their language', async () => {
    await outside('pass', {time: '2m'});
    const [mail] = await mailed(order.Email);
    demand(mail.Subject.includes(order.Name), `the subject names ${order.Name}`, mail.Subject);
    demand(mail.Text.includes(order.Product) && mail.Text.includes(order.First), 'it names what was bought, and by whom', mail.Text);
    demand(mail.Language === lang, `it is in ${lang}`, mail.Language);
  });
  const name = `${order.First} ${order.Last}`;
  await walk.step('find the customer by a name typed in a hurry', async () => {
    const field = app.getByRole('searchbox', {name: say('search_hint')}).first();
    if (walk.script) {
      await app.locator('h1').first().click();
      await page.keyboard.press('/');
      demand(await field.evaluate((it) => it === document.activeElement), 'the key / leads to the search', '');
    }
    await field.fill(order.Search);
    await field.press('Enter');
    await walk.title(name); // there is one, so the search leads to them
  });
  await walk.step('their timeline tells of the order and the thank-you', async () => {
    const outward = say('timeline_outward', {Kind: say('timeline_kind_send_email'), State: say('timeline_state_sent')});
    await walk.sees(
      say('timeline_event_order_paid', {Order: say('timeline_order', {Name: order.Name})}), order.Product,
      say('timeline_effect', {Outward: outward, Subject: say('timeline_subject', {Title: title, Name: order.Name})}),
    );
    await walk.direction();
  });
}
