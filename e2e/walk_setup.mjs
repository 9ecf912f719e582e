// Setting up: a mail of one's own, who does what, two campaigns with what they would have done.
import {mailed} from './walk_browser.mjs';
import {count, lang, number, say} from './walk_words.mjs';

const {TEAM, PRODUCT, THANKED, ASKED, REFUSED} = process.env;

export async function setUp(walk) {
  await walk.step('setting up begins with a mail of the shop’s own', async () => {
    await walk.link(say('setup_banner_do')).click();
    await walk.title(say('setup_mail_title'));
    await walk.sees(say('setup_mail_to', {Email: TEAM}), say('setup_mail_real'));
    await walk.press(say('setup_mail_do'));
    await walk.sees(say('said_setup_mail'));
    const [mail] = await mailed(TEAM);
    demand(mail.Text.includes(PRODUCT) && mail.HTML.includes(PRODUCT), `the mail shows ${PRODUCT}`, mail.Text);
    demand(mail.Language === lang, `the mail is in ${lang}`, `${mail.Language}: ${mail.Subject}`);
    if (lang === 'ar') demand(/[\u0621-\u064a]/.test(mail.Subject) && /dir="?rtl/.test(mail.HTML), 'the mail is Arabic, from right to left', mail.HTML.slice(0, 400));
  });
  await walk.step('who does what', async () => {
    await walk.title(say('setup_who_title'));
    const survey = walk.app.getByRole('group', {name: say('job_survey'), exact: true});
    await survey.getByRole('radio', {name: say('setup_who_other'), exact: true}).check();
    await survey.getByLabel(say('setup_who_tool')).fill('Formaloo');
    await walk.press(say('setup_go_on'));
    await walk.sees(say('said_setup_who'));
  });
  await walk.step('how many the thank-you would have reached; not yet', async () => {
    await walk.title(say('setup_thanks_title'));
    await told(walk, Number(THANKED), 0);
    await walk.press(say('setup_skip'));
  });
  await walk.step('how many would have been asked for a review; that goes live', async () => {
    await walk.title(say('setup_review_title'));
    await told(walk, Number(ASKED), Number(REFUSED));
    await walk.press(say('setup_live'), say('setup_live'));
    await walk.sees(say('said_setup_review'));
  });
  await walk.step('setting up is over', async () => {
    await walk.title(say('setup_first_title'));
    await walk.sees(say('setup_first_live'), say('setup_first_waits'));
    await walk.press(say('setup_over'));
    await walk.sees(say('said_setup_over'));
  });
}

// told waits until it is counted what a campaign would have done. Without a script the page is asked again.
async function told(walk, would, not) {
  const texts = [say('replay_days', {Days: number(60)}), count('replay_would', would)];
  if (not) texts.push(count('replay_not', not));
  await walk.again(texts.join(' '));
}

export function demand(is, what, but) {
  if (!is) throw new Error(`it is not so that ${what}, but:\n${but}`);
}
