// Points in time as people say them, in the language of the browser.

const kClock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const kWeekday = new Intl.DateTimeFormat(undefined, { weekday: 'short' });
const kDay = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const kDate = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
const kFull = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'short' });

const kOneDay = 24 * 60 * 60 * 1000;

/** For a list: the time today, the weekday this week, else the date. @param {number} time */
export function shortTime(time, now = new Date()) {
  if (!time) return '';
  const at = new Date(time);
  if (at.toDateString() === now.toDateString()) return kClock.format(at);
  const age = now.getTime() - time;
  if (age > 0 && age < 6 * kOneDay) return kWeekday.format(at);
  return (at.getFullYear() === now.getFullYear() ? kDay : kDate).format(at);
}

/** @param {number} time */
export function fullTime(time) {
  return time ? kFull.format(time) : '';
}

/** "just now", "5 min ago", then as `shortTime`. @param {number} time */
export function timeAgo(time, now = new Date()) {
  const minutes = Math.floor((now.getTime() - time) / 60_000);
  if (minutes < 1) return 'just now';
  return minutes < 60 ? `${minutes} min ago` : shortTime(time, now);
}
