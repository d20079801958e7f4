// What stands at the axes of a chart and how slices of time are named, in the reader's language and zone.

import { date } from "../../i18n/format.js";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** @typedef {{ start: number, end: number }} Span */

/**
 * Labels of moments on a time axis: the day where it begins, the time between.
 *
 * @param {number[]} moments
 * @param {number} step between two; days may be an hour shorter
 */
export function timeLabels(moments, step) {
  return moments.map((at) => {
    const moment = new Date(at);
    const isDay = step > DAY * 0.9 || (moment.getHours() === 0 && moment.getMinutes() === 0);
    return date(moment, isDay ? { day: "numeric", month: "short" } : { hour: "numeric", minute: "2-digit" });
  });
}

/** Whether the clock is changed within an hour of the moment, so that its time of day may come twice. */
function isNearChange(/** @type {number} */ at) {
  const offset = (/** @type {number} */ moment) => new Date(moment).getTimezoneOffset();
  return offset(at - HOUR) !== offset(at + HOUR);
}

/**
 * Such as `Nov 22, 14:00 – 14:30`, or the day alone where it is a whole one. With the zone where the clock
 * is changed.
 *
 * @param {Span} span
 */
export function spanText({ start, end }) {
  const isWhole = new Date(start).getDate() !== new Date(end - 1).getDate() || end - start > 20 * HOUR;
  if (isWhole) return date(start, { weekday: "short", day: "numeric", month: "short" });
  const timeZoneName = isNearChange(start) || isNearChange(end) ? /** @type {const} */ ("short") : undefined;
  const time = /** @type {const} */ ({ hour: "numeric", minute: "2-digit", timeZoneName });
  const from = date(start, { weekday: "short", day: "numeric", month: "short", ...time });
  return `${from} – ${date(end, time)}`;
}
