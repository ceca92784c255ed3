// The documents of every benchmark: note-like JSON of about 400 bytes with random ids, the same
// ones for the same seed in every browser and in Node (which fills the server with them).

/**
 * @typedef {object} BenchDocument
 * @property {string} _id
 * @property {string} title
 * @property {string} text
 * @property {string[]} tags
 * @property {boolean} done
 * @property {number} edits
 * @property {number} weight
 * @property {string} created
 * @property {{name: string, email: string}} author
 */

const kSeed = 20240229;
const kWords =
  `harbour morning lantern between river copper signal window paper garden winter answer bridge
  market silver engine forest number island letter meadow orange pepper quiet record summer ticket
  under valley water yellow anchor bottle candle dinner evening fabric ginger hollow insect`.split(
    /\s+/,
  );
const kNames = ['Ada', 'Barbara', 'Edsger', 'Grace', 'Leslie', 'Tony'];

/**
 * @param {number} count
 * @returns {BenchDocument[]}
 */
export function makeDocuments(count) {
  return Array.from({ length: count }, documentSource());
}

/**
 * For more of them than there is room for at once.
 *
 * @returns {() => BenchDocument} the next one
 */
export function documentSource() {
  const random = seededRandom(kSeed);
  return () => makeDocument(random);
}

/**
 * `count` different indexes below `limit`, in random order, the same ones each time.
 *
 * @param {number} count
 * @param {number} limit
 */
export function randomIndexes(count, limit) {
  const random = seededRandom(kSeed + 1);
  /** @type {Set<number>} */
  const indexes = new Set();
  while (indexes.size < Math.min(count, limit)) indexes.add(Math.floor(random() * limit));
  return [...indexes];
}

/**
 * @param {() => number} random
 * @returns {BenchDocument}
 */
function makeDocument(random) {
  const integer = (/** @type {number} */ limit) => Math.floor(random() * limit);
  const word = () => kWords[integer(kWords.length)];
  const words = (/** @type {number} */ count) => Array.from({ length: count }, word).join(' ');
  const name = kNames[integer(kNames.length)];
  return {
    _id: Array.from({ length: 4 }, () => hex8(random)).join(''),
    title: words(4),
    text: words(18 + integer(8)),
    tags: [word(), word()],
    done: random() < 0.5,
    edits: integer(100),
    weight: random(),
    created: new Date(1.7e12 + integer(1e10)).toISOString(),
    author: { name, email: `${name.toLowerCase()}@example.org` },
  };
}

/** @param {() => number} random */
const hex8 = (random) =>
  Math.floor(random() * 2 ** 32)
    .toString(16)
    .padStart(8, '0');

/**
 * Mulberry32: 32 bits of state, good enough for test data.
 *
 * @param {number} seed
 * @returns {() => number} at least 0, below 1
 */
function seededRandom(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
