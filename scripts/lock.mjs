// One at a time, over processes: a lock is a folder (mkdir is atomic) that holds the owner's
// process id. A lock whose owner has died is taken over.

import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Runs `body` while holding the lock `folder`; `onWait` is called once if another process holds it.
 * @template T
 * @param {string} folder
 * @param {() => Promise<T>} body
 * @returns {Promise<T>}
 */
export async function withLock(folder, body, onWait = () => {}) {
  await mkdir(path.dirname(folder), { recursive: true });
  for (let waited = false; !(await take(folder)); waited = true) {
    if (!waited) onWait();
    await sleep(200);
  }
  try {
    return await body();
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @param {string} folder */
async function take(folder) {
  const owner = path.join(folder, 'owner');
  try {
    await mkdir(folder);
    await writeFile(owner, String(process.pid));
    return true;
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
  if (await isAbandoned(owner)) await rm(folder, { recursive: true, force: true });
  return false;
}

/** @param {string} owner */
async function isAbandoned(owner) {
  try {
    const pid = Number(await readFile(owner, 'utf8'));
    // An empty file: its owner is between mkdir and writeFile.
    if (pid === 0) return false;
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return codeOf(error) === 'ESRCH';
  }
}

/** @param {unknown} error */
const codeOf = (error) => /** @type {NodeJS.ErrnoException} */ (error).code;
