// Emscripten, 3.1.69 or newer. An emcc on the PATH that is new enough is used as it is; else the
// system's own package if that is new enough (Debian 13); else, on Debian 12, Debian 13's package
// unpacked into a cache folder, on top of Debian 12's clang 19:
//
//   - `emscripten` is independent of the architecture and brings its sysroot prebuilt;
//   - Binaryen's programs want Debian 13's libc, so each is run through that libc's loader.
//
// Nothing of it touches the system's libc or /etc/apt. cmake/emscripten.cmake looks in the same
// places.

import { chmodSync, readFileSync, readdirSync, realpathSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';

import { Failure, findProgram, run } from '../command.mjs';
import { aptInstall, distribution } from './system.mjs';

// The first version whose libc++ has <coroutine> and that Debian ships (Debian 13).
const kLeastVersion = [3, 1, 69];

const kDebian13 = {
  codename: 'trixie',
  packages: ['emscripten', 'binaryen', 'libc6', 'libstdc++6', 'libgcc-s1'],
};

// Debian 12's share of the toolchain: the compiler and linker that LLVM_ROOT points to, the Python
// that emcc is written in, and the JavaScript parser that its optimiser loads.
const kLlvm = '/usr/lib/llvm-19/bin';
const kDebian12Packages = ['clang-19', 'lld-19', 'llvm-19', 'python3', 'node-acorn'];

export function cacheFolder() {
  return path.join(process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache'), 'couchlet');
}

const unpackedFolder = () => path.join(cacheFolder(), 'emscripten');

/** True where a good Emscripten is found; reads files only, as starting emcc takes a second. */
export function hasEmscripten() {
  const emcc = findProgram('emcc');
  if (emcc) {
    const folder = path.dirname(realpathSync(emcc));
    for (const root of [folder, path.join(folder, '../libexec')]) {
      if (isNewEnough(versionIn(root))) return true;
    }
  }
  return isNewEnough(versionIn(path.join(unpackedFolder(), 'usr/share/emscripten')));
}

/**
 * Installs Emscripten where `hasEmscripten` found none.
 * @param {import('./system.mjs').Say} say
 */
export async function installEmscripten(say) {
  if (isNewEnough(await packagedVersion())) return aptInstall(['emscripten'], say);
  const { id, version } = distribution();
  if (id !== 'debian' || version !== '12') {
    throw new Failure(
      `Emscripten ${kLeastVersion.join('.')} or newer is missing: install the emsdk as ` +
        'emscripten.org says, so that emcc is on the PATH, and try again',
    );
  }
  await unpackDebian13(say);
}

/** @param {string} root */
function versionIn(root) {
  try {
    return readFileSync(path.join(root, 'emscripten-version.txt'), 'utf8');
  } catch {
    return '';
  }
}

/** @param {string} text */
function isNewEnough(text) {
  const version = (text.match(/\d+\.\d+\.\d+/)?.[0] ?? '0').split('.').map(Number);
  const at = kLeastVersion.findIndex((least, i) => version[i] !== least);
  return at === -1 || version[at] > kLeastVersion[at];
}

async function packagedVersion() {
  if (!findProgram('apt-cache')) return '';
  const env = { ...process.env, LC_ALL: 'C' };
  const policy = await run('apt-cache', ['policy', 'emscripten'], { env });
  return policy.match(/Candidate: (.*)/)?.[1] ?? '';
}

/** @param {import('./system.mjs').Say} say */
async function unpackDebian13(say) {
  const missing = kDebian12Packages.filter((name) => !isInstalled(name));
  if (missing.length > 0) await aptInstall(missing, say);

  // Built beside its place and renamed at the end: a half-finished one is never taken for done.
  await mkdir(cacheFolder(), { recursive: true });
  const folder = await mkdtemp(path.join(cacheFolder(), 'unpacking-'));
  try {
    await download(path.join(folder, 'download'), say);
    for (const file of await readdir(path.join(folder, 'download/debs'))) {
      say(`unpacking ${file.split('_')[0]}`);
      await run('dpkg', ['-x', path.join(folder, 'download/debs', file), folder]);
    }
    await rm(path.join(folder, 'download'), { recursive: true });
    await wrapBinaryen(folder);
    await configure(folder);
    say('trying it');
    await tryIt(folder);
    await rm(unpackedFolder(), { recursive: true, force: true });
    await rename(folder, unpackedFolder());
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @param {string} name */
function isInstalled(name) {
  return readdirSync('/var/lib/dpkg/info').some(
    (file) => file === `${name}.list` || (file.startsWith(`${name}:`) && file.endsWith('.list')),
  );
}

/**
 * Downloads Debian 13's packages from the mirror that this system already uses, by an apt that has
 * its lists and its cache in `folder`. apt checks the signatures as it always does.
 * @param {string} folder
 * @param {import('./system.mjs').Say} say
 */
async function download(folder, say) {
  const debs = path.join(folder, 'debs');
  const sources = path.join(folder, 'sources.list');
  for (const sub of ['debs', 'lists/partial', 'cache/archives/partial', 'empty']) {
    await mkdir(path.join(folder, sub), { recursive: true });
  }
  await writeFile(sources, `deb ${await mirror()} ${kDebian13.codename} main\n`);
  const options = [
    `Dir::Etc::SourceList=${sources}`,
    `Dir::Etc::SourceParts=${folder}/empty`,
    `Dir::Etc::Preferences=${folder}/empty/none`,
    `Dir::Etc::PreferencesParts=${folder}/empty`,
    `Dir::State::Lists=${folder}/lists`,
    `Dir::Cache=${folder}/cache`,
    // The account that apt would download as can't write into a home folder.
    'APT::Sandbox::User=root',
    'Acquire::Languages=none',
    'Acquire::Retries=3',
  ].flatMap((option) => ['-o', option]);
  say("reading Debian 13's package list");
  await run('apt-get', [...options, 'update'], { cwd: debs });
  say("downloading Debian 13's Emscripten (240 MB)");
  await run('apt-get', [...options, 'download', ...kDebian13.packages], { cwd: debs });
}

async function mirror() {
  const codename = readFileSync('/etc/os-release', 'utf8').match(/^VERSION_CODENAME=(.*)/m)?.[1];
  const targets = await run('apt-get', [
    'indextargets', '--format', '$(REPO_URI) $(CODENAME)', 'Created-By: Packages',
  ]);
  for (const line of targets.split('\n')) {
    const [uri, name] = line.split(' ');
    if (name === codename) return uri;
  }
  throw new Failure(
    `apt has no package list of Debian's ${codename}. As root, type: apt-get update`,
  );
}

/**
 * bin/wasm-opt and its like, each a script that runs the real one through Debian 13's loader.
 * @param {string} folder
 */
async function wrapBinaryen(folder) {
  const libraries = await onlyOne(path.join(folder, 'usr/lib'), /-linux-gnu/);
  const loader = await onlyOne(libraries, /^ld-linux.*\.so/);
  const wrappers = path.join(folder, 'binaryen/bin');
  await mkdir(wrappers, { recursive: true });
  for (const name of await readdir(path.join(folder, 'usr/bin'))) {
    if (!name.startsWith('wasm')) continue;
    const file = path.join(wrappers, name);
    const at = (/** @type {string} */ target) => `"$root/${path.relative(folder, target)}"`;
    await writeFile(
      file,
      '#!/bin/sh\nroot=$(dirname "$0")/../..\n' +
        `exec ${at(loader)} --library-path ${at(libraries)} "$root/usr/bin/${name}" "$@"\n`,
    );
    chmodSync(file, 0o755);
  }
}

/**
 * @param {string} folder
 * @param {RegExp} pattern
 */
async function onlyOne(folder, pattern) {
  const found = (await readdir(folder)).filter((name) => pattern.test(name));
  if (found.length !== 1) throw new Failure(`${folder}: expected one ${pattern}, found ${found}`);
  return path.join(folder, found[0]);
}

/**
 * Emscripten reads the file `.emscripten` in its own folder, which is Python: that makes it work
 * wherever the folder is moved to and with nothing in the environment.
 * @param {string} folder
 */
async function configure(folder) {
  const root = path.join(folder, 'usr/share/emscripten');
  await writeFile(
    path.join(root, '.emscripten'),
    [
      'import os, shutil',
      "emscripten_root = os.path.dirname(os.path.realpath(os.environ['EM_CONFIG']))",
      `LLVM_ROOT = '${kLlvm}'`,
      "BINARYEN_ROOT = os.path.join(emscripten_root, '../../../binaryen')",
      "NODE_JS = shutil.which('node') or shutil.which('nodejs')",
      "CACHE = os.path.join(emscripten_root, 'cache')",
      'FROZEN_CACHE = True',
      '',
    ].join('\n'),
  );
  const modules = path.join(root, 'node_modules');
  await rm(modules, { recursive: true, force: true });
  await symlink('/usr/share/nodejs', modules);
}

/**
 * Compiles a coroutine and an Embind function, which together need every part of the toolchain.
 * @param {string} folder
 */
async function tryIt(folder) {
  const trial = path.join(folder, 'trial');
  await mkdir(trial);
  await writeFile(
    path.join(trial, 'trial.cpp'),
    '#include <coroutine>\n#include <emscripten/bind.h>\n' +
      'int answer() { return std::suspend_always{}.await_ready() ? 0 : 42; }\n' +
      'EMSCRIPTEN_BINDINGS(trial) { emscripten::function("answer", &answer); }\n',
  );
  const compiler = path.join(folder, 'usr/share/emscripten/em++');
  const args = ['-std=c++20', '-O2', '-flto', '-lembind', 'trial.cpp', '-o', 'trial.mjs'];
  await run(compiler, args, { cwd: trial });
  await rm(trial, { recursive: true });
}
