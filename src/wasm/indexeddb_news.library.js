// How the contexts of a database hear of each other's commits: by a BroadcastChannel that carries
// the number of the newest log record.
//
// Contexts in one page (two objects of one name) are told directly, before the commit is answered,
// so that what one has written the other has heard of.
//
// Who is alone needs not tell, and doesn't: a message costs a context that nobody hears a twentieth
// of an awaited put. A context that comes says hello; who hears it answers with the newest number
// that it has added itself (0: none). A hello or a number is a sign that there is somebody, and from
// then on a context tells what it adds. So whoever comes later than it, in whatever order the
// messages arrive, finds its records in the log or is told of them. A page that may have slept
// through a hello says it again when it is looked at.
//
// A message for each commit would be a third of the CPU time of an awaited put, so a burst of
// commits is told of at its beginning, then after each pause, and at its end. The pause is shorter
// than a frame, so that nobody sees it, and has room for some thirty commits.
//
// What is left is told as the page is being hidden or closed, where timers sleep; a hidden page and
// a service worker, which may be stopped at any time, tell everything at once. Only a worker that
// is ended in the middle of a pause takes its last number with it: others come across it with the
// next commit, or when their page is looked at (couchletIdbLook).
addToLibrary({
  $couchletNewsPauseMs: '10',
  $couchletNewsHello: "'hello'",

  $couchletNewsListen__deps: ['$couchletNewsHear', '$couchletNewsHello', '$couchletNewsPost'],
  $couchletNewsListen(connection) {
    if (typeof BroadcastChannel === 'undefined') return;
    const channel = new BroadcastChannel(connection.name);
    const news = {
      channel,
      newest: 0, // number that was added here
      heard: 0, // the largest
      isAlone: true,
      timer: 0, // or the newest number waits to be told
      toldAt: -Infinity,
      end() {},
    };
    channel.onmessage = ({ data }) => couchletNewsHear(connection, data);
    channel.unref?.(); // Node: not a reason to stay
    const tellTheRest = () => {
      if (news.timer) couchletNewsPost(news);
    };
    const onVisibilityChange = () => {
      tellTheRest();
      if (document.visibilityState !== 'hidden') channel.postMessage(couchletNewsHello);
    };
    globalThis.document?.addEventListener('visibilitychange', onVisibilityChange);
    globalThis.addEventListener?.('pagehide', tellTheRest);
    news.end = () => {
      tellTheRest();
      channel.close();
      globalThis.document?.removeEventListener('visibilitychange', onVisibilityChange);
      globalThis.removeEventListener?.('pagehide', tellTheRest);
    };
    connection.news = news;
    channel.postMessage(couchletNewsHello);
  },

  $couchletNewsHear__deps: ['$couchletNewsHello', '$couchletNewsPost', '$couchletNewsTake'],
  $couchletNewsHear(connection, data) {
    const { news } = connection;
    const hasUntold = news.isAlone && news.newest > 0;
    news.isAlone = false;
    if (data === couchletNewsHello || hasUntold) couchletNewsPost(news);
    if (Number.isSafeInteger(data)) couchletNewsTake(connection, data);
  },

  $couchletNewsTake__deps: ['$couchletConnections', 'couchlet_idb_foreign_commit'],
  $couchletNewsTake(connection, number) {
    const { medium, news } = connection;
    if (news) news.heard = Math.max(news.heard, number);
    const isOpen = couchletConnections.get(medium) === connection;
    if (isOpen) _couchlet_idb_foreign_commit(medium, number);
  },

  $couchletNewsTell__deps: [
    '$couchletConnections',
    '$couchletNewsPauseMs',
    '$couchletNewsPost',
    '$couchletNewsTake',
  ],
  $couchletNewsTell({ medium, name, news }, number) {
    for (const other of couchletConnections.values()) {
      if (other.name === name && other.medium !== medium) couchletNewsTake(other, number);
    }
    if (!news) return;
    news.newest = number;
    if (news.isAlone || news.timer) return;
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
    news.channel.postMessage(news.newest);
    news.toldAt = performance.now();
  },
});
