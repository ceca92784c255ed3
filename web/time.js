// Points in time as people say them, in the language of the browser.

const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'short' });
const day = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const date = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric' });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'short' });

const oneDay = 24 * 60 * 60 * 1000;

/** For a list: the time today, the weekday this week, else the date. @param {number} time */
export function shortTime(time, now = new Date()) {
  if (!time) return '';
  const at = new Date(time);
  if (at.toDateString() === now.toDateString()) return clock.format(at);
  const age = now.getTime() - time;
  if (age > 0 && age < 6 * oneDay) return weekday.format(at);
  return (at.getFullYear() === now.getFullYear() ? day : date).format(at);
}

/** @param {number} time */
export function fullTime(time) {
  return time ? full.format(time) : '';
}

/** "just now", "5 min ago", then as `shortTime`. @param {number} time */
export function timeAgo(time, now = new Date()) {
  const minutes = Math.floor((now.getTime() - time) / 60_000);
  if (minutes < 1) return 'just now';
  return minutes < 60 ? `${minutes} min ago` : shortTime(time, now);
}
