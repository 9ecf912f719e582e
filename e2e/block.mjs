// block.mjs: the theme's block at a storefront. STORE is its page; see block_test.go.
import {demand} from './walk_setup.mjs';
import {lang, say} from './walk_words.mjs';
import {outside, walking} from './walk_browser.mjs';

const {STORE, OUT} = process.env;
await walking({cookies: false}, async (walk) => {
  const {page} = walk;
  const told = async () => {
    await page.goto(STORE);
    await page.waitForSelector('[data-flywheel-loyalty] h2');
    return page.locator('[data-flywheel-loyalty]');
  };
  page.on('dialog', () => walk.note('what somebody wrote was run'));
  await outside('buy');
  await walk.step('a buyer joins', async () => {
    const block = await told();
    demand(await block.locator('> div').getAttribute('dir') === (lang === 'ar' ? 'rtl' : 'ltr'), 'it reads in the direction of its language', await block.innerHTML());
    demand(await block.getByText(say('member_history_title')).count() === 0, 'who is no member has no history', await block.innerText());
    await block.getByRole('button', {name: say('member_join')}).click();
    await block.getByText(say('member_said_joined')).waitFor();
  });
  await walk.step('a member sees what they have', async () => {
    await outside('settle');
    await outside('buy');
    const block = await told();
    const way = block.locator('progress');
    demand(await way.count() === 1 && Number(await way.getAttribute('max')) > Number(await way.getAttribute('value')), 'the way to the next level is shown', await block.innerHTML());
    demand(await block.getByText(say('member_history_title')).count() === 1 && await block.locator('h3 + ul > li').count() > 0, 'what happened is shown', await block.innerText());
    demand(await block.locator('img').count() === 0, 'names are text', await block.innerHTML());
    await page.screenshot({path: `${OUT}/block-${lang}.png`, fullPage: true});
  });
});

await walking({script: false, cookies: false}, async (walk) => {
  await walk.step('without script there is a link to a page', async () => {
    await walk.page.goto(STORE);
    await walk.page.getByRole('link', {name: 'My points'}).click();
    demand(await walk.page.getByRole('heading', {name: say('member_history_title')}).count() === 1, 'the page shows the same', await walk.page.innerText('body'));
  });
});
