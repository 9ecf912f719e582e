// Charts of [data-chart], whose figures stand in the table that it names.
import {Chart, LineController, BarController, LineElement, BarElement, PointElement, LinearScale, CategoryScale, Tooltip, Filler} from 'chart.js';

Chart.register(LineController, BarController, LineElement, BarElement, PointElement, LinearScale, CategoryScale, Tooltip, Filler);

// Colours that the colour-blind tell apart (Okabe and Ito, 2008); dashes say the same.
const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7'];
const dashes = [[], [6, 4], [2, 3], [8, 3, 2, 3]];

export function start(root) {
  const places = [...root.querySelectorAll('canvas[data-chart]')];
  if (root.matches?.('canvas[data-chart]')) places.push(root);
  for (const place of places) if (!Chart.getChart(place)) draw(place);
}

// draw reads the table data-table: its first column are the labels, each other a
// series; cells say their number in data-value.
function draw(place) {
  const table = document.getElementById(place.dataset.table);
  if (!table) return;
  const style = getComputedStyle(document.body), rtl = document.documentElement.dir === 'rtl';
  const lang = document.documentElement.lang + '-u-nu-' + (document.body.dataset.digits || 'latn');
  const rows = [...table.tBodies[0].rows];
  const heads = [...table.tHead.rows[0].cells].slice(1);
  const number = (cell) => cell.dataset.value === undefined || cell.dataset.value === '' ? null : Number(cell.dataset.value);
  Chart.defaults.font.family = style.fontFamily;
  Chart.defaults.color = style.color;
  new Chart(place, {
    type: place.dataset.chart === 'bar' ? 'bar' : 'line',
    data: {
      labels: rows.map((row) => row.cells[0].textContent.trim()),
      datasets: heads.slice(0, 4).map((head, i) => ({
        label: head.textContent.trim(), data: rows.map((row) => number(row.cells[i + 1])), borderColor: colours[i], backgroundColor: colours[i], borderDash: dashes[i], borderWidth: 2, pointRadius: 2, tension: 0,
      })),
    },
    options: {
      locale: lang, responsive: true, maintainAspectRatio: false,
      animation: matchMedia('(prefers-reduced-motion: reduce)').matches ? false : {duration: 200},
      interaction: {mode: 'index', intersect: false},
      plugins: {tooltip: {rtl, textDirection: rtl ? 'rtl' : 'ltr'}},
      scales: {x: {reverse: rtl, grid: {display: false}}, y: {beginAtZero: true, position: rtl ? 'right' : 'left', ticks: {precision: 0}}},
    },
  });
}
