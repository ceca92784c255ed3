// Types of couchlet/bad-network, for Node: a network as bad as you like between an app and its
// server.

/** What a network is like. All of it is 0 or false by itself: a good network. */
export interface BadNetworkConditions {
  /** The same seed makes the same decision about the n-th request. Default 1. */
  seed: number;
  /** Milliseconds each way: a round trip takes twice as long. */
  latency: number;
  /** Milliseconds that a way may be longer or shorter. */
  jitter: number;
  /** Bytes a second each way, shared by all requests. 0: no limit. */
  rate: number;
  /** The part of requests, from 0 to 1, that never reach the server: the connection breaks. */
  drop: number;
  /** The part of requests whose answer is lost after the server has acted. */
  lose: number;
  /** The part of requests whose body, or whose answer's body, breaks off in the middle. */
  cut: number;
  /** The part of requests of which nothing is heard any more. */
  stall: number;
  /** The part of requests that are answered with 503 or 429 in the server's place. */
  busy: number;
  /** Seconds that such an answer asks for (`Retry-After`). 0: it doesn't ask. */
  retryAfter: number;
  /** Milliseconds without a byte after which an answer breaks off. 0: never. */
  idle: number;
  /** Every request is answered with the page of a captive portal. */
  portal: boolean;
  /** No connection is accepted, and those that are open break. */
  offline: boolean;
}

/** What happened to a request. */
export interface BadNetworkLogEntry {
  /** Counted from 1, as they came. */
  number: number;
  method: string;
  /** With the query. */
  path: string;
  /** Null: it went as it should. */
  fault: 'drop' | 'lose' | 'cut' | 'stall' | 'busy' | 'portal' | null;
  /** Milliseconds that the request and its answer were on their way. */
  up: number;
  down: number;
  /** Of the answer, as far as one was delivered. */
  status?: number;
  /** Bytes of the request's body that reached the server. */
  sent: number;
  /** Bytes of the answer's body that were delivered. */
  received: number;
  /** Milliseconds until it was over. */
  took: number;
}

export interface BadNetworkOptions extends Partial<BadNetworkConditions> {
  /** The server's address, `http://` or `https://`. Its credentials go to requests without any. */
  to: string;
  /** Port to listen at. Default: any that is free. */
  listen?: number;
  /** Address to listen at. Default `127.0.0.1`: nobody else can use it. */
  host?: string;
  /** Told of each request when it is over. */
  log?: (entry: BadNetworkLogEntry) => void;
}

/** A bad network that runs. */
export interface BadNetwork {
  /** To be used in the server's place; no slash at the end. */
  readonly url: string;
  readonly port: number;
  /** How many have come so far. */
  readonly requests: number;
  /** At present. */
  readonly conditions: BadNetworkConditions;
  /** From the next request on; `offline` and `portal` at once. */
  change(conditions: Partial<BadNetworkConditions>): void;
  /** Breaks all connections. */
  close(): Promise<void>;
}

/**
 * Starts a server that hands requests on to another one over a bad network.
 *
 *     const network = await badNetwork({ to: 'http://127.0.0.1:5984', latency: 300, drop: 0.05 });
 *     notes.sync(`${network.url}/notes`, { live: true, retry: true });
 *
 * @throws TypeError for a condition that can't be.
 */
export function badNetwork(options: BadNetworkOptions): Promise<BadNetwork>;
