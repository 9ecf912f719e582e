// A campaign is changed in its editor, by the keyboard where a script helps, and goes live.
import {until} from './walk_browser.mjs';
import {bare, count, number, say} from './walk_words.mjs';
import {demand} from './walk_setup.mjs';

export let title = ''; // of the thank-you, in the page's language

export async function change(walk) {
  const {app, page} = walk;
  const editor = app.locator('main[data-editor="flow"]');
  const cards = async () => (await editor.locator('.flow-step .flow-card h3').allInnerTexts()).map(bare);
  await walk.step('open the thank-you in its editor', async () => {
    await walk.go('campaigns');
    await walk.title(say('campaigns_title'));
    const link = app.locator('main').getByRole('link').and(app.locator('a[href*="/campaigns/thank_you"]')).first();
    title = bare(await link.innerText());
    await link.click();
    await walk.title(title);
    await walk.link(say('campaigns_edit')).click();
    await walk.sees(say('editor_untouched'));
  });
  await walk.step('add a step by the keyboard', async () => {
    await walk.link(say('editor_add_here')).last().focus();
    await page.keyboard.press('Enter');
    await walk.sees(say('editor_pick'));
    await app.locator('button.pick[value="wait"]').focus();
    await page.keyboard.press('Enter');
    await walk.sees(say('editor_did_add'));
  });
  await walk.step('say how long it waits', async () => {
    await app.getByLabel(say('editor_field_for')).fill(number(2));
    await app.getByLabel(say('editor_unit')).first().selectOption({label: say('editor_unit_hours')});
    if (!walk.script) await walk.press(say('editor_keep'));
    await walk.sees(say('editor_says_wait', {Time: count('editor_hours', 2)}), say('editor_did_set'));
  });
  await walk.step('move it before the mail', async () => {
    const before = await cards(), turned = [...before].reverse().join();
    demand(before.length === 2, 'the flow has two steps', before.join());
    const card = editor.locator('.flow-step .flow-card').nth(1);
    if (walk.script) {
      await card.focus();
      await page.keyboard.press('Alt+ArrowUp');
      await walk.sees(say('editor_did_up'));
      await until(async () => bare(await editor.locator('[role=status].visually-hidden').last().textContent().catch(() => '')).includes(`${number(1)} / ${number(2)}`), 'a screen reader is told where the card stands now');
      demand(await editor.locator('.flow-step .flow-card').first().evaluate((it) => it === document.activeElement), 'the card that was moved has the focus', '');
    } else {
      await walk.press(say('editor_up'));
      await walk.sees(say('editor_did_up'));
    }
    const after = await cards();
    demand(after.join() === turned, `the order is ${turned}`, after.join());
  });
  await walk.step('save it as a version', async () => {
    await app.getByLabel(say('editor_note')).fill('2 h');
    await walk.press(say('editor_save'));
    await walk.sees(say('said_campaign_saved', {Number: number(2)}));
    await walk.title(title);
    await walk.sees(say('editor_says_wait', {Time: count('editor_hours', 2)}));
  });
}

export async function goLive(walk) {
  const {app} = walk;
  await walk.step('see who is affected, and go live', async () => {
    await app.getByRole('link', {name: say('campaigns_do_live'), exact: true}).click();
    await walk.title(say('campaigns_live_title'));
    await walk.sees(say('campaigns_live_past_none'), count('campaigns_people', 0));
    await walk.press(say('campaigns_do_live'));
    await walk.sees(say('said_campaign_live'));
    await walk.title(title);
    demand(bare(await app.locator('h1 .badge').innerText()) === say('campaign_live'), 'the campaign is live', await app.locator('h1').innerText());
  });
}
