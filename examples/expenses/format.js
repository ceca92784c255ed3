// How amounts, days and people look.

const euros = new Intl.NumberFormat('en', { style: 'currency', currency: 'EUR' });
const days = new Intl.DateTimeFormat('en', { weekday: 'long', day: 'numeric', month: 'long' });

export const money = (cents) => euros.format(cents / 100);

/** @param {string} day as 2026-07-01 */
export const inWords = (day) => days.format(new Date(`${day}T12:00`));

export const today = () => new Date().toLocaleDateString('sv'); // as 2026-07-01

export const initialOf = (person) => [...person][0]?.toUpperCase() ?? '?';

const kTones = ['#3d63dd', '#0d8a72', '#c2571a', '#a144af', '#5b7a12', '#c23a5b'];

/** A colour for a person, the same on every device. */
export function toneOf(person) {
  let sum = 0;
  for (const character of person) sum = (sum * 31 + character.codePointAt(0)) % 4099;
  return kTones[sum % kTones.length];
}
