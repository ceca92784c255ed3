// What the types promise about couchlet/bad-network. Nothing here runs.

import { badNetwork } from 'couchlet/bad-network';

export async function network() {
  const bad = await badNetwork({
    to: 'http://127.0.0.1:5984',
    latency: 300,
    log: ({ number, fault, path }) => fault === 'drop' && path.slice(number),
  });
  bad.change({ offline: true, seed: 7 });
  await fetch(`${bad.url}:${bad.port.toFixed()}`);
  bad.conditions.drop.toFixed();
  await bad.close();
  // @ts-expect-error: a server is needed
  badNetwork({ drop: 1 });
  // @ts-expect-error: there is no such condition
  bad.change({ wind: 1 });
}
