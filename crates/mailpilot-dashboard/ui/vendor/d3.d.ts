// Types of d3.js: the packages have none, and this is all that is used of them.

/** Round numbers from `start` to `stop`, about so many. */
export function ticks(start: number, stop: number, count: number): number[];

/** Round moments of the reader's clock. */
export interface TimeInterval {
  /** Those from `start` on and before `stop`. */
  range(start: Date, stop: Date): Date[];
}

/** The interval that cuts a time into about so many. */
export function timeTickInterval(start: Date, stop: Date, count: number): TimeInterval | null;
