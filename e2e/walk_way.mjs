// The two ways in.
import {ADMIN, APP, mailed, outside} from './walk_browser.mjs';
import {demand} from './walk_setup.mjs';
import {count, inDigits, say} from './walk_words.mjs';

const {OWNER, SHOP_NAME} = process.env;

// install opens the app for the first time; nobody waits for its past to be read.
export async function install(walk) {
  const {page} = walk;
  await walk.step('install the app: its home is there at once', async () => {
    await page.goto(ADMIN + '/listing');
    await page.getByRole('button', {name: 'Install'}).click();
    walk.inFrame();
    await walk.title(count('home_needs', 1)); // the campaigns are drafts
    await walk.direction();
    inDigits(await walk.app.locator('body').getAttribute('data-digits'));
    const shown = await walk.text();
    demand([say('backfill_asked'), say('backfill_running')].some((text) => shown.includes(text)), 'the past is still being read', shown);
  });
  await walk.step('the past is read meanwhile, and the page says so by itself', async () => {
    await outside('read');
    await walk.sees(count('backfill_done', 59));
  });
}

// signIn signs in by the link of a mail, and opens the shop.
export async function signIn(walk) {
  const {page} = walk;
  await walk.step('ask for a link to sign in', async () => {
    await page.goto(APP + '/shops');
    await walk.title(say('login_title'));
    await walk.direction();
    await page.getByLabel(say('login_email')).fill(OWNER);
    await walk.press(say('login_send'));
    await walk.title(say('login_sent_title'));
  });
  await walk.step('sign in by it', async () => {
    const [mail] = await mailed(OWNER);
    const link = new RegExp(`${APP}/login/\\S+`).exec(mail.Text)?.[0];
    if (!link) throw new Error(`there is no link in the mail:\n${mail.Text}`);
    await page.goto(link);
    await walk.press(say('login_do'));
  });
  await walk.step('open the shop', async () => {
    await walk.link(SHOP_NAME).first().click();
    await walk.title(count('home_needs', 1));
    await walk.direction();
    inDigits(await page.locator('body').getAttribute('data-digits'));
    await walk.sees(count('backfill_done', 59));
  });
}
