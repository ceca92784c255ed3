// Puts the page together: what changes, here or elsewhere, is drawn anew from the database.

import { allExpenses, onChange } from './book.js';
import { openExpense, openNew } from './editor.js';
import { libraryName } from './library.js';
import { drawList, drawSums } from './list.js';
import { connect } from './sync.js';

const kStates = {
  working: 'Syncing…',
  saved: 'Up to date',
  offline: 'Offline',
  failed: 'Sync stopped',
};

const status = document.querySelector('#state');

function showState(state, why = '') {
  status.dataset.state = state;
  status.textContent = kStates[state];
  status.title = why;
}

let isDrawing = false;
let isStale = false;

/** One drawing at a time; what changes meanwhile is one more. */
async function draw() {
  isStale = true;
  if (isDrawing) return;
  isDrawing = true;
  while (isStale) {
    isStale = false;
    const expenses = await allExpenses();
    drawSums(expenses);
    drawList(expenses);
  }
  isDrawing = false;
}

document.querySelector('#library').textContent = libraryName;
document.querySelector('#add').addEventListener('click', openNew);
document.querySelector('#list').addEventListener('click', ({ target }) => {
  const expense = target.closest('.expense');
  if (expense) openExpense(expense.dataset.id);
});

onChange(draw);
await draw();
const connection = connect(showState);
document.querySelector('#offline').addEventListener('change', ({ target }) => {
  if (target.checked) connection.stop();
  else connection.start();
});
document.body.dataset.ready = '';
