// Charts of canvas[data-chart]. Their figures stand in the table that data-table
// names, their colours in the keys above them; all is told there without a script.
import {Chart, LineController, BarController, LineElement, BarElement, PointElement, LinearScale, CategoryScale, Tooltip} from 'chart.js';

Chart.register(LineController, BarController, LineElement, BarElement, PointElement, LinearScale, CategoryScale, Tooltip);

// Never by colour alone: lines differ in dashes and points too, bars in hatching.
const dashes = [[], [6, 4], [2, 3], [8, 3, 2, 3]];
const points = ['circle', 'rect', 'triangle', 'rectRot'];
const narrow = 480; // below it there is no room beside a line for its name

export function start(root) {
  const places = [...root.querySelectorAll('canvas[data-chart]')];
  if (root.matches?.('canvas[data-chart]')) places.push(root);
  for (const chart of Object.values(Chart.instances)) if (!chart.canvas?.isConnected) chart.destroy();
  for (const place of places) if (!Chart.getChart(place)) draw(place);
}

// The system's theme may change while the page is up, ours by its root's mark.
const again = () => {
  for (const chart of Object.values(Chart.instances)) {
    const place = chart.canvas;
    chart.destroy();
    if (place?.isConnected) draw(place);
  }
};
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', again);
new MutationObserver(again).observe(document.documentElement, {attributes: true, attributeFilter: ['data-bs-theme']});

// hatched fills bars of a series with strokes of its own direction.
function hatched(colour, i) {
  if (i === 0) return colour;
  const tile = document.createElement('canvas'), pen = tile.getContext('2d');
  tile.width = tile.height = 6;
  pen.strokeStyle = colour;
  pen.lineWidth = 2;
  pen.beginPath();
  if (i === 1) { pen.moveTo(-1, 7); pen.lineTo(7, -1); } else if (i === 2) { pen.moveTo(0, 3); pen.lineTo(6, 3); } else { pen.moveTo(3, 0); pen.lineTo(3, 6); }
  pen.stroke();
  return pen.createPattern(tile, 'repeat');
}

const read = (cell, name) => cell?.dataset[name] === undefined ? null : Number(cell.dataset[name]);

// setsOf are the series of a table: its first column are the labels, each other one
// a series whose cells say their number in data-value, and between what it lies.
function setsOf(place, table) {
  const rows = [...table.tBodies[0].rows], heads = [...table.tHead.rows[0].cells].slice(1, 5);
  const keys = place.closest('.chart').querySelectorAll('.chart-key');
  const bars = place.dataset.chart === 'bars', ranges = place.dataset.chart === 'ranges';
  const sets = [];
  heads.forEach((head, i) => {
    const limit = 'limit' in head.dataset, colour = getComputedStyle(keys[i]).color, cells = rows.map((row) => row.cells[i + 1]);
    sets.push({
      type: bars ? 'bar' : 'line', label: head.textContent.trim(), data: cells.map((cell) => read(cell, 'value')), order: bars ? i : 4 - i, // dashes over what is whole
      borderColor: colour, backgroundColor: bars ? hatched(colour, i) : colour, borderWidth: bars ? 1 : 2, borderDash: dashes[limit ? 1 : i],
      pointStyle: limit ? false : points[i], pointRadius: ranges ? 5 : rows.length > 40 ? 0 : 2.5, showLine: !ranges, tension: 0, named: !bars && !ranges,
      stack: 'one', maxBarThickness: 28,
    });
    if (!cells.some((cell) => cell.dataset.low !== undefined)) return;
    sets.push({ // between what it lies with some certainty: a band behind it
      type: 'bar', label: '', data: cells.map((cell) => [read(cell, 'low'), read(cell, 'up')]), order: 9, backgroundColor: colour.replace(/^rgb\((.*)\)$/, 'rgba($1, .25)'),
      borderColor: colour, borderWidth: 1, borderSkipped: false, maxBarThickness: 36, stack: 'range' + i,
    });
  });
  return {labels: rows.map((row) => row.cells[0].dataset.label || row.cells[0].textContent.trim()), datasets: sets};
}

// names writes each line's name at its end, where there is room.
const names = {
  id: 'names',
  afterDatasetsDraw(chart) {
    const area = chart.chartArea, rtl = document.documentElement.dir === 'rtl', pen = chart.ctx;
    if (chart.width < narrow) return;
    const ends = [];
    chart.data.datasets.forEach((set, i) => {
      const last = set.named ? set.data.findLastIndex((n) => n !== null) : -1;
      if (last >= 0) ends.push({set, y: chart.getDatasetMeta(i).data[last].y});
    });
    ends.sort((a, b) => b.y - a.y); // from below; none over another
    let free = area.bottom - 6;
    pen.save();
    pen.font = '600 12px ' + Chart.defaults.font.family;
    pen.textBaseline = 'middle';
    pen.direction = rtl ? 'rtl' : 'ltr';
    pen.textAlign = 'start';
    for (const {set, y} of ends) {
      const at = Math.min(y, free);
      free = at - 16;
      pen.fillStyle = set.borderColor;
      pen.fillText(set.label, rtl ? area.left - 8 : area.right + 8, at);
    }
    pen.restore();
  },
};

// roomFor is how wide the longest name is.
function roomFor(sets, family) {
  const pen = document.createElement('canvas').getContext('2d');
  pen.font = '600 12px ' + family;
  return Math.min(160, Math.max(0, ...sets.filter((set) => set.named).map((set) => pen.measureText(set.label).width + 12)));
}

function draw(place) {
  const table = document.getElementById(place.dataset.table);
  if (!table) return;
  const style = getComputedStyle(place.parentElement), rtl = document.documentElement.dir === 'rtl';
  const lang = document.documentElement.lang + '-u-nu-' + (document.body.dataset.digits || 'latn');
  Chart.defaults.font.family = style.fontFamily;
  Chart.defaults.color = style.color;
  const data = setsOf(place, table), lines = place.dataset.chart === 'line', grid = style.borderTopColor;
  const room = lines && place.parentElement.clientWidth >= narrow ? roomFor(data.datasets, style.fontFamily) : 0;
  place.closest('.chart').classList.toggle('chart-named', room > 0);
  new Chart(place, {
    data, plugins: [names],
    options: {
      locale: lang, responsive: true, maintainAspectRatio: false, animation: false,
      layout: {padding: rtl ? {left: room} : {right: room}},
      interaction: {mode: 'index', intersect: false},
      plugins: {tooltip: {rtl, textDirection: rtl ? 'rtl' : 'ltr', filter: (item) => item.dataset.label !== '', bodyFont: {family: style.fontFamily}}},
      scales: {
        x: {reverse: rtl, stacked: true, grid: {display: false}, ticks: {maxRotation: 0, autoSkipPadding: 12}},
        y: {beginAtZero: true, stacked: place.dataset.chart === 'bars', position: rtl ? 'right' : 'left', grid: {color: grid}, border: {display: false}, ticks: {precision: 0, maxTicksLimit: 6, callback: (n) => n.toLocaleString(lang)}},
      },
    },
  });
}
