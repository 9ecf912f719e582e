// Passkeys: the page says by data-passkey what is done (get = sign in, create =
// make one), where the options come from and where the answer goes. Without
// this script, or in a browser without passkeys, the place stays hidden.
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');

export function start(root = document) {
  if (!window.PublicKeyCredential || !navigator.credentials) return;
  for (const place of root.querySelectorAll('[data-passkey]')) {
    if ('ready' in place.dataset) continue; // a page may be dressed twice
    place.dataset.ready = '';
    place.hidden = false;
    place.querySelector('button').addEventListener('click', () => run(place));
  }
}

async function post(address, body) {
  const answer = await fetch(address, {method: 'POST', headers: {'Content-Type': 'application/json', Accept: 'application/json'}, body: body && JSON.stringify(body)});
  if (!answer.ok) throw new Error(answer.status);
  return answer.json();
}

async function run(place) {
  const button = place.querySelector('button'), wrong = place.querySelector('[role=alert]');
  wrong.hidden = true;
  button.disabled = true;
  try {
    const {publicKey} = await post(place.dataset.begin);
    publicKey.challenge = bytes(publicKey.challenge);
    for (const list of [publicKey.allowCredentials, publicKey.excludeCredentials]) for (const one of list || []) one.id = bytes(one.id);
    let finish = place.dataset.finish, key;
    if (place.dataset.passkey === 'create') {
      publicKey.user.id = bytes(publicKey.user.id);
      key = await navigator.credentials.create({publicKey});
      finish += '?name=' + encodeURIComponent(place.querySelector('input[name=name]').value);
    } else {
      key = await navigator.credentials.get({publicKey});
    }
    location.assign((await post(finish, told(key))).to);
  } catch {
    // whatever it was, the person can try again or take the mail
    wrong.textContent = place.dataset.failed;
    wrong.hidden = false;
    button.disabled = false;
  }
}

// told is a credential as JSON (w3.org/TR/webauthn-3, 5.1: toJSON, which not every browser has).
function told(key) {
  const response = {};
  for (const name of ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle']) {
    if (key.response[name]) response[name] = text(key.response[name]);
  }
  if (key.response.getTransports) response.transports = key.response.getTransports();
  return {id: key.id, rawId: text(key.rawId), type: key.type, response, clientExtensionResults: key.getClientExtensionResults()};
}
