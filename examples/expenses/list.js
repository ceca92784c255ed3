// Draws the expenses: sums for everybody, and a list by days.

import { hasReceipt } from './book.js';
import { initialOf, inWords, money, toneOf } from './format.js';

/** An element with attributes and children. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

const sumOf = (expenses) => expenses.reduce((sum, { cents }) => sum + cents, 0);

function groupBy(expenses, keyOf) {
  const groups = new Map();
  for (const expense of expenses) {
    const key = keyOf(expense);
    groups.set(key, [...(groups.get(key) ?? []), expense]);
  }
  return groups;
}

export function drawSums(expenses) {
  const total = sumOf(expenses);
  document.querySelector('#total').textContent = money(total);
  const count = expenses.length === 1 ? '1 expense' : `${expenses.length} expenses`;
  document.querySelector('#count').textContent = count;
  const people = [...groupBy(expenses, ({ payer }) => payer)]
    .map(([payer, theirs]) => ({ payer, cents: sumOf(theirs) }))
    .sort((a, b) => b.cents - a.cents);
  document.querySelector('#people').replaceChildren(
    ...people.map(({ payer, cents }) => drawPerson(payer, cents, total)),
  );
  document.querySelector('#known-people').replaceChildren(
    ...people.map(({ payer }) => element('option', { value: payer })),
  );
}

function drawPerson(payer, cents, total) {
  const share = element('span', { class: 'share' });
  share.style.inlineSize = `${total > 0 ? (100 * cents) / total : 0}%`;
  return element(
    'li',
    { style: `--tone: ${toneOf(payer)}` },
    element('span', { class: 'person' }, payer),
    element('span', { class: 'paid' }, money(cents)),
    element('span', { class: 'bar' }, share),
  );
}

export function drawList(expenses) {
  const days = [...groupBy(expenses, ({ day }) => day)].map(([day, theirs]) =>
    element(
      'section',
      {},
      element('h2', {}, inWords(day)),
      element('ul', {}, ...theirs.map(drawExpense)),
    ),
  );
  document.querySelector('#list').replaceChildren(...days);
  document.querySelector('#nothing').hidden = expenses.length > 0;
}

function drawExpense(expense) {
  const { _id, what, payer, cents, _conflicts } = expense;
  const tone = `--tone: ${toneOf(payer)}`;
  const about = element('span', { class: 'about' }, `${payer} paid`);
  if (hasReceipt(expense)) about.append(element('span', { class: 'receipt' }, 'Receipt'));
  if (_conflicts) about.append(element('span', { class: 'conflict' }, 'Two versions'));
  const open = element(
    'button',
    { type: 'button', class: 'expense', 'data-id': _id, style: tone },
    element('span', { class: 'initial', 'aria-hidden': 'true' }, initialOf(payer)),
    element('span', { class: 'what' }, what),
    element('span', { class: 'amount' }, money(cents)),
    about,
  );
  return element('li', {}, open);
}
