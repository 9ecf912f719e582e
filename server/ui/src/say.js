// The notice below the bar: what went wrong, or was done. Screen readers hear it.
export function say(text, detail, good) {
  const place = document.getElementById('said');
  place.replaceChildren();
  if (!text) return;
  const box = document.createElement('div');
  box.className = 'alert ' + (good ? 'alert-success' : 'alert-danger');
  const line = document.createElement('p');
  line.textContent = text;
  box.append(line);
  if (detail) {
    const more = document.createElement('bdi');
    more.lang = 'en';
    more.className = 'small';
    more.textContent = detail;
    box.append(more);
  }
  // A place that is filled in the moment it appears is not read out.
  requestAnimationFrame(() => {
    place.append(box);
    box.scrollIntoView({block: 'nearest'});
  });
}

// answer says what the server answered to a call that went wrong.
say.answer = (text) => {
  let told = {};
  try { told = JSON.parse(text); } catch { /* not ours: a proxy's page */ }
  say(told.error || document.body.dataset.error, told.detail);
};
