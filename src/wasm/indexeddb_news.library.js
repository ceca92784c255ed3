// How the contexts of a database hear of each other's commits: by a BroadcastChannel that carries
// the number of the newest log record.
//
// A message for each would be a third of the CPU time of an awaited put, so a burst of commits is
// told of at its beginning, then after each pause, and at its end. The pause is shorter than a frame, so
// that nobody sees it, and has room for some thirty commits.
//
// What is left is told as the page is being hidden or closed, where timers sleep; a hidden page and
// a service worker, which may be stopped at any time, tell everything at once. Only a worker that
// is ended in the middle of a pause takes its last number with it: others come across it with the
// next commit, or when their page is looked at (couchletIdbLook).
addToLibrary({
  $couchletNewsPauseMs: '10',

  $couchletNewsListen__deps: [
    '$couchletConnections',
    '$couchletNewsPost',
    'couchlet_idb_foreign_commit',
  ],
  $couchletNewsListen(medium, connection) {
    if (typeof BroadcastChannel === 'undefined') return;
    const channel = new BroadcastChannel(connection.name);
    channel.onmessage = ({ data }) => {
      const isOpen = couchletConnections.get(medium) === connection;
      if (isOpen && Number.isSafeInteger(data)) _couchlet_idb_foreign_commit(medium, data);
    };
    channel.unref?.(); // Node: not a reason to stay
    const news = { channel, untold: 0, toldAt: -Infinity, timer: 0, end: null };
    const post = () => couchletNewsPost(news);
    globalThis.document?.addEventListener('visibilitychange', post);
    globalThis.addEventListener?.('pagehide', post);
    news.end = () => {
      post();
      channel.close();
      globalThis.document?.removeEventListener('visibilitychange', post);
      globalThis.removeEventListener?.('pagehide', post);
    };
    connection.news = news;
  },

  $couchletNewsTell__deps: ['$couchletNewsPauseMs', '$couchletNewsPost'],
  $couchletNewsTell(news, number) {
    if (!news) return;
    news.untold = number;
    if (news.timer) return;
    const mayBeStopped =
      globalThis.document?.visibilityState === 'hidden' ||
      typeof ServiceWorkerGlobalScope !== 'undefined';
    const rest = news.toldAt + couchletNewsPauseMs - performance.now();
    if (rest <= 0 || mayBeStopped) couchletNewsPost(news);
    else news.timer = setTimeout(() => couchletNewsPost(news), rest);
  },

  $couchletNewsPost(news) {
    clearTimeout(news.timer);
    news.timer = 0;
    if (!news.untold) return;
    news.channel.postMessage(news.untold);
    news.untold = 0;
    news.toldAt = performance.now();
  },
});
