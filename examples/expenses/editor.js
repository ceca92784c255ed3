// The form for one expense, in a dialog; where people disagree, a choice between their versions.

import { hasReceipt, keep, receiptOf, remove, save, versionsOf } from './book.js';
import { inWords, money, today } from './format.js';
import { element } from './list.js';

const dialog = document.querySelector('#editor');
const form = dialog.querySelector('form');
const fields = form.elements;
const photo = dialog.querySelector('#photo');
const problem = dialog.querySelector('#problem');

/** The expense that is shown; without a revision while it is new. */
let current = {};

export function openNew() {
  show({ what: '', payer: localStorage.payer ?? '', day: today() });
}

export async function openExpense(id) {
  const versions = await versionsOf(id);
  show(versions[0]);
  if (versions.length > 1) drawVersions(versions);
}

function show(expense) {
  current = expense;
  form.reset();
  problem.textContent = '';
  fields.what.value = expense.what;
  fields.amount.value = expense.cents === undefined ? '' : (expense.cents / 100).toFixed(2);
  fields.payer.value = expense.payer;
  fields.day.value = expense.day;
  dialog.querySelector('h2').textContent = expense._rev ? 'Expense' : 'New expense';
  dialog.querySelector('#remove').hidden = !expense._rev;
  dialog.querySelector('#versions').replaceChildren();
  form.hidden = false;
  showPhoto(hasReceipt(expense) ? receiptOf(expense) : null);
  if (!dialog.open) dialog.showModal();
}

/** @param {Promise<Blob> | null} receipt */
async function showPhoto(receipt) {
  URL.revokeObjectURL(photo.src);
  photo.hidden = true;
  if (!receipt) return;
  photo.src = URL.createObjectURL(await receipt);
  photo.hidden = false;
}

function drawVersions(versions) {
  form.hidden = true;
  dialog.querySelector('h2').textContent = 'Which one is right?';
  const cards = versions.map((version) => {
    const choose = element('button', { type: 'button', class: 'main' }, 'Keep this one');
    choose.addEventListener('click', () => attempt(() => keep(version, versions)));
    return element(
      'article',
      { class: 'version' },
      element('strong', {}, money(version.cents)),
      element('span', {}, version.what),
      element('small', {}, `${version.payer} paid, ${inWords(version.day)}`),
      choose,
    );
  });
  const why = element('p', {}, 'It was changed in two places that did not know of each other.');
  dialog.querySelector('#versions').replaceChildren(why, ...cards);
}

/** Does something and closes the dialog, or says why it could not be done. */
async function attempt(act) {
  try {
    await act();
    dialog.close();
  } catch (error) {
    const isConflict = error.name === 'conflict';
    problem.textContent = isConflict
      ? 'Somebody has just changed this expense. Close it and open it again.'
      : (error.reason ?? error.message);
  }
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  const [receipt] = fields.receipt.files;
  localStorage.payer = fields.payer.value.trim();
  const expense = {
    ...current,
    what: fields.what.value.trim(),
    cents: Math.round(fields.amount.value * 100),
    payer: fields.payer.value.trim(),
    day: fields.day.value,
  };
  attempt(() => save(expense, receipt));
});

fields.receipt.addEventListener('change', () => {
  const [chosen] = fields.receipt.files;
  if (chosen) showPhoto(Promise.resolve(chosen));
});

dialog.querySelector('#remove').addEventListener('click', () => attempt(() => remove(current)));
for (const button of dialog.querySelectorAll('.close')) {
  button.addEventListener('click', () => dialog.close());
}
