// A button with data-ask asks before its form goes: data-yes and data-no are
// the two answers, else the page's own.
let allowed = null;

document.addEventListener('submit', async (event) => {
  const button = event.submitter;
  if (!button || button === allowed || !(button.dataset.ask || button.dataset.scope)) {
    allowed = null;
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  if (button.dataset.ask && !await ask(button)) return;
  if (button.dataset.scope && !await granted(button.dataset.scope)) return;
  allowed = button;
  event.target.requestSubmit(button);
}, true);

// granted asks the merchant for an optional scope, in Shopify's own words.
async function granted(scope) {
  if (!window.shopify?.scopes) return false;
  const answer = await window.shopify.scopes.request([scope]);
  return answer?.result !== 'declined-all';
}

function ask(button) {
  return new Promise((resolve) => {
    const dialog = document.createElement('dialog');
    dialog.className = 'ask';
    const text = document.createElement('p');
    text.id = 'ask';
    text.textContent = button.dataset.ask;
    dialog.setAttribute('aria-labelledby', 'ask');
    const row = document.createElement('div');
    row.className = 'btn-list';
    const answers = [[button.dataset.yes || document.body.dataset.yes, 'yes', button.classList.contains('btn-danger') ? 'btn btn-danger' : 'btn btn-primary'],
      [button.dataset.no || document.body.dataset.no, 'no', 'btn']];
    for (const [word, value, kind] of answers) {
      const choice = document.createElement('button');
      choice.type = 'button';
      choice.textContent = word;
      choice.className = kind;
      choice.onclick = () => dialog.close(value);
      row.append(choice);
    }
    dialog.append(text, row);
    dialog.onclose = () => {
      dialog.remove();
      button.focus();
      resolve(dialog.returnValue === 'yes');
    };
    document.body.append(dialog);
    dialog.showModal();
    row.lastChild.focus(); // the safe one
  });
}
