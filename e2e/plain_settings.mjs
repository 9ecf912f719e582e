// A form of settings: what is wrong comes back as it was typed, what is right stays.
import {demand} from './walk_setup.mjs';
import {say} from './walk_words.mjs';

export async function settings(walk) {
  const {app} = walk;
  const address = '1 High Street, Old Town';
  await walk.step('a setting that is wrong', async () => {
    await walk.go('settings');
    await walk.link(say('settings_brand')).first().click();
    await walk.title(say('settings_brand'));
    walk.allow(/\/settings\/brand answered 422$/, /console says: Failed to load resource: .* 422 .*\/settings\/brand\)$/);
    await app.getByLabel(say('settings_brand_accent')).fill('mauve');
    await app.getByLabel(say('settings_postal_address')).fill(address);
    await walk.press(say('settings_save'));
    await walk.sees(say('settings_look_below'));
    const wrong = app.getByLabel(say('settings_brand_accent'));
    demand(await wrong.getAttribute('aria-invalid') === 'true' && await wrong.inputValue() === 'mauve', 'the field says that it is wrong, as it was typed', await wrong.inputValue());
    demand(await app.getByLabel(say('settings_postal_address')).inputValue() === address, 'what was right stands there still', '');
  });
  await walk.step('a setting that is right', async () => {
    await app.getByLabel(say('settings_brand_accent')).fill('#7a2e5d');
    await walk.press(say('settings_save'));
    await walk.sees(say('said_settings_saved'));
    await walk.page.reload();
    demand(await app.getByLabel(say('settings_brand_accent')).inputValue() === '#7a2e5d', 'it is kept', await app.getByLabel(say('settings_brand_accent')).inputValue());
  });
  await walk.step('put it back as it was', async () => {
    await app.getByLabel(say('settings_brand_accent')).fill('#222222');
    await walk.press(say('settings_save'));
    await walk.press(say('settings_undo'));
    await walk.sees(say('said_settings_undone'));
    demand(await app.getByLabel(say('settings_brand_accent')).inputValue() === '#7a2e5d', 'it is as it was', await app.getByLabel(say('settings_brand_accent')).inputValue());
  });
}
