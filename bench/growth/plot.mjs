// Panels of lines over the number of documents, both axes logarithmic, as an SVG.

/**
 * @typedef {object} Line
 * @property {string} name
 * @property {(readonly [number, number])[]} points documents, and a value above 0
 */
/** @typedef {{title: string, lines: Line[]}} Panel */

const kWidth = 430;
const kHeight = 280;
const kColumns = 2;
const kPlot = { left: 52, top: 40, right: 318, bottom: 240 };
// Told apart by readers who see few colours too (Okabe and Ito).
const kColours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'];
const kLabelHeight = 14;

/** @param {Panel[]} panels */
export function plot(panels) {
  const width = kWidth * kColumns;
  const height = kHeight * Math.ceil(panels.length / kColumns);
  const parts = panels.map((panel, i) => {
    const x = (i % kColumns) * kWidth;
    const y = Math.floor(i / kColumns) * kHeight;
    return `<g transform="translate(${x} ${y})">\n${drawPanel(panel)}\n</g>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}"`,
    '     font-family="sans-serif" font-size="11" fill="#333">',
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}

/** @param {Panel} panel */
function drawPanel({ title, lines }) {
  const points = lines.flatMap((line) => line.points);
  const x = axis(points.map(([documents]) => documents), kPlot.left, kPlot.right);
  const y = axis(points.map(([, value]) => value), kPlot.bottom, kPlot.top);
  const { left, top, right, bottom } = kPlot;
  return [
    text(left, top - 16, title, 'font-size="13" font-weight="bold"'),
    ...y.ticks.flatMap((tick) => [
      stroke(left, y.at(tick), right, y.at(tick)),
      text(left - 6, y.at(tick) + 4, name(tick), 'text-anchor="end"'),
    ]),
    ...x.ticks.flatMap((tick) => [
      stroke(x.at(tick), top, x.at(tick), bottom),
      text(x.at(tick), bottom + 16, name(tick), 'text-anchor="middle"'),
    ]),
    text((left + right) / 2, bottom + 32, 'documents', 'text-anchor="middle"'),
    ...lines.flatMap((line, i) => drawLine(line, kColours[i % kColours.length], x.at, y.at)),
    ...labels(lines, y.at),
  ].join('\n');
}

/**
 * @param {Line} line
 * @param {string} colour
 * @param {(value: number) => number} x
 * @param {(value: number) => number} y
 */
function drawLine({ points }, colour, x, y) {
  const places = points.map(([documents, value]) => `${fixed(x(documents))},${fixed(y(value))}`);
  return [
    `<polyline points="${places.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`,
    ...places.map((place) => {
      const [cx, cy] = place.split(',');
      return `<circle cx="${cx}" cy="${cy}" r="3" fill="${colour}"/>`;
    }),
  ];
}

/**
 * The lines' names beside their ends, moved apart where the ends are close.
 *
 * @param {Line[]} lines
 * @param {(value: number) => number} y
 */
function labels(lines, y) {
  const ends = lines
    .map(({ name: label, points }, i) => ({ label, i, at: y(points[points.length - 1][1]) }))
    .sort((a, b) => a.at - b.at);
  let lowest = -Infinity;
  for (const end of ends) {
    end.at = Math.max(end.at, lowest + kLabelHeight);
    lowest = end.at;
  }
  const overflow = Math.max(0, lowest - kPlot.bottom);
  return ends.map(({ label, i, at }) =>
    text(kPlot.right + 8, at - overflow + 4, label, `fill="${kColours[i % kColours.length]}"`),
  );
}

/**
 * A logarithmic axis from one power of ten to another that has room for all values.
 *
 * @param {number[]} values above 0
 * @param {number} from where it begins
 * @param {number} to where it ends
 */
function axis(values, from, to) {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...values))));
  const at = (/** @type {number} */ value) =>
    from + ((Math.log10(value) - low) / (high - low)) * (to - from);
  return { at, ticks: Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i)) };
}

/** @param {number} power of ten */
const name = (power) => (power >= 1 ? power.toLocaleString('en-US') : String(power));

/** @param {number} value */
const fixed = (value) => value.toFixed(1);

/**
 * @param {number} x
 * @param {number} y
 * @param {string} content
 * @param {string} attributes
 */
function text(x, y, content, attributes) {
  return `<text x="${fixed(x)}" y="${fixed(y)}" ${attributes}>${content}</text>`;
}

/**
 * A line of the grid.
 *
 * @param {number} x1
 * @param {number} y1
 * @param {number} x2
 * @param {number} y2
 */
function stroke(x1, y1, x2, y2) {
  const ends = `x1="${fixed(x1)}" y1="${fixed(y1)}" x2="${fixed(x2)}" y2="${fixed(y2)}"`;
  return `<line ${ends} stroke="#ddd"/>`;
}
