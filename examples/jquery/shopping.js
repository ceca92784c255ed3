// A shopping list with jQuery and couchlet's script-tag build. Everything is written to the
// database in this browser; its changes feed draws the list, whether a change was made here, in
// another tab or on the server. `npm run demo` serves this page, and the server under /db/.

$(async () => {
  const db = new Couchlet('shopping');
  const isItem = (doc) => doc.type === 'item';

  $('#add').on('submit', async (event) => {
    event.preventDefault();
    const name = $('#what').val().trim();
    $('#what').val('').trigger('focus');
    if (name) await db.post({ type: 'item', name, bought: false, added: Date.now() });
  });

  $('#list').on('change', 'input', async function () {
    const doc = await db.get($(this).closest('li').data('id'));
    await db.put({ ...doc, bought: this.checked });
  });

  $('#list').on('click', 'button', async function () {
    await db.remove(await db.get($(this).closest('li').data('id')));
  });

  async function draw() {
    const { rows } = await db.allDocs({ include_docs: true });
    const items = rows.map(({ doc }) => doc).filter(isItem).sort((a, b) => a.added - b.added);
    $('#list').empty().append(items.map(drawItem));
    $('#nothing').prop('hidden', items.length > 0);
  }

  function drawItem({ _id, name, bought }) {
    const tick = $('<input type="checkbox">').prop('checked', bought);
    const remove = $('<button type="button">').text('Remove').attr('aria-label', `Remove ${name}`);
    const label = $('<label>').append(tick, $('<span>').text(name));
    return $('<li>').data('id', _id).toggleClass('bought', bought).append(label, remove);
  }

  const say = (text) => $('#state').text(text);
  db.changes({ since: 'now', live: true }).on('change', draw);
  await draw();

  db.sync(new URL('/db/shopping', location.href).href, { live: true, retry: true })
    .on('active', () => say('Syncing…'))
    .on('paused', (error) => say(error ? 'Offline: kept here until later' : 'Up to date'))
    .on('error', (error) => say(`Sync stopped: ${error.reason ?? error.message}`));
});
