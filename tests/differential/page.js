// docs/differences-from-pouchdb.md, which is made of explained.js: `npm run differential -- --page`
// writes it, and tests/node/differential.test.js sees that it is not left behind.

import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { kExplained } from './explained.js';

const kAddress = new URL('../../docs/differences-from-pouchdb.md', import.meta.url);
export const kPage = fileURLToPath(kAddress);

const kHead = `# Where couchlet's answers differ from PouchDB's

Random sequences of calls are run on both, and every answer and every error is compared
(\`npm run differential\`, tests/differential). Revision ids are CouchDB's own, and so differ. All
else that may differ is here; most of it is about input that is wrong. This page is made of the list
that the comparison uses.
`;

/** The page as it has to be. */
export function pageText() {
  const entries = kExplained
    .filter(({ isOfTheTest }) => !isOfTheTest)
    .map(({ name, reason }) => `- **${name}**: ${reason}`);
  return `${kHead}\n${entries.map(inLines).join('')}`;
}

/** @param {string} entry broken into lines of at most 100 columns */
function inLines(entry) {
  const lines = [''];
  for (const word of entry.split(' ')) {
    const line = lines.at(-1);
    if (line.length + word.length < 100) lines[lines.length - 1] = line ? `${line} ${word}` : word;
    else lines.push(`  ${word}`);
  }
  return `${lines.join('\n')}\n`;
}

export const writePage = () => writeFile(kPage, pageText());
