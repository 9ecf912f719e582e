// Inside Shopify there is no cookie: the browser's own store keeps the theme.
// This runs before the page is drawn, so that it is never drawn twice.
try {
  const theme = localStorage.getItem('theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.bsTheme = theme;
} catch { /* a frame without a store looks as the system does */ }
