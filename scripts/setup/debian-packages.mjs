// The programs and headers that Debian packages bring, each with how to see that it is there.
// Whatever is found counts, from wherever it came; only what isn't is asked of apt.

import { existsSync } from 'node:fs';
import process from 'node:process';

import { findProgram } from '../command.mjs';

const kIncludeFolders = ['/usr/include', '/usr/local/include', '/opt/homebrew/include'];

const program = (/** @type {string[]} */ ...names) => () => findProgram(...names) !== undefined;
const header = (/** @type {string} */ name) => () =>
  kIncludeFolders.some((folder) => existsSync(`${folder}/${name}`));

// cmake/compiler.cmake takes the same ones in the same order, and leaves a CXX that is set alone.
const hasCompiler = () =>
  Boolean(process.env.CXX) ||
  program('clang++-19', 'clang++-20', 'clang++-21', 'clang++-22')();

const kToBuild = [
  { package: 'cmake', isThere: program('cmake') },
  { package: 'ninja-build', isThere: program('ninja') },
  { package: 'nlohmann-json3-dev', isThere: header('nlohmann/json.hpp') },
];

const kToTest = [
  { package: 'clang-19', isThere: hasCompiler },
  {
    package: 'libclang-rt-19-dev', // the sanitizers' run time; other compilers bring their own
    isThere: () =>
      existsSync('/usr/lib/llvm-19/lib/clang/19/lib/linux') ||
      (hasCompiler() && !findProgram('clang++-19')),
  },
  { package: 'libgtest-dev', isThere: header('gtest/gtest.h') },
  // Exactly 19: other versions format and warn differently.
  { package: 'clang-format-19', isThere: program('clang-format-19') },
  { package: 'clang-tidy-19', isThere: program('clang-tidy-19') },
  {
    package: 'chromium',
    isThere: program('chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'),
  },
  { package: 'firefox-esr', isThere: program('firefox-esr', 'firefox') },
];

/**
 * The packages that are missing, to build or to build and test.
 * @param {{ tests: boolean }} options
 */
export function missingPackages({ tests }) {
  const wanted = tests ? [...kToBuild, ...kToTest] : kToBuild;
  return wanted.filter((each) => !each.isThere()).map((each) => each.package);
}
