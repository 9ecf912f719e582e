// The ID token of the Shopify admin, and requests that carry it.
export const embedded = () => document.body.hasAttribute('data-embedded') && window.shopify?.idToken;

export async function withToken(use) {
  use(await window.shopify.idToken());
}

// call asks this server; a stale token is fetched anew once.
export async function call(address, options = {}) {
  const headers = new Headers(options.headers);
  for (let again = false; ; again = true) {
    if (embedded()) headers.set('Authorization', 'Bearer ' + await window.shopify.idToken());
    const answer = await fetch(address, {...options, headers, credentials: embedded() ? 'omit' : 'same-origin'});
    if (again || !embedded() || answer.status !== 401 || !answer.headers.get('X-Shopify-Retry-Invalid-Session-Request')) return answer;
  }
}
