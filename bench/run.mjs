// `npm run bench`: couchlet measured in a browser. docs/performance.md tells the methods and has
// the results; `npm run bench -- --help` the options.
//
//   compare/     couchlet and its peers side by side, every operation in one run:
//                operations/ has a file for each row, peers/ one for each column
//   replication/ the same over good and bad links: cases/ are the rows, peers/ the columns
//   pauses/      how long the thread is held while the store merges
//   growth/      how the figures grow with the database, as a plot
//   blocks/      which size of a stored block is best
//
//   page/        what runs in the browser        harness/  what runs in Node, for all of them
//   native/      the engine without a browser (CMake option COUCHLET_BENCH)

import { main } from '../scripts/command.mjs';
import { blocks } from './blocks/run.mjs';
import { compare } from './compare/run.mjs';
import { growth } from './growth/run.mjs';
import { readOptions } from './harness/options.mjs';
import { pauses } from './pauses/run.mjs';
import { replication } from './replication/run.mjs';

const kExperiments = { compare, replication, pauses, growth, blocks };

await main(async () => {
  const options = readOptions();
  await kExperiments[options.experiment](options);
});
