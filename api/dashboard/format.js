// Numbers and times as people read them.

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];

/** A number of the API: 64-bit ones come as text, zero may be absent. */
export function number(value) {
  return Number(value ?? 0);
}

function scaled(value) {
  let unit = 0;
  // 1023.5 would be shown as 1024.
  while (Math.abs(value) >= 1023.5 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return [value, UNITS[unit]];
}

/** `1.46 GiB`: three digits. */
export function bytes(value) {
  const [amount, unit] = scaled(value);
  const digits = unit === "B" || amount >= 99.95 ? 0 : amount >= 9.995 ? 1 : 2;
  return `${amount.toFixed(digits)} ${unit}`;
}

/** `1.46 MiB/s`. */
export function rate(value) {
  return `${bytes(value)}/s`;
}

/** For an axis: no more digits than needed. */
export function axisRate(value) {
  const [amount, unit] = scaled(value);
  return `${Number(amount.toFixed(2))} ${unit}/s`;
}

export function count(value) {
  return value.toLocaleString();
}

export function percent(part, whole) {
  if (whole <= 0) return "–";
  const share = (100 * part) / whole;
  return `${share.toFixed(share < 9.95 ? 1 : 0)} %`;
}

/** Two units: `3 min 07 s`, `2 d 4 h`. */
export function duration(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value) => String(value).padStart(2, "0");
  const days = Math.floor(whole / 86400);
  const hours = Math.floor(whole / 3600) % 24;
  const minutes = Math.floor(whole / 60) % 60;
  if (days > 0) return `${days} d ${hours} h`;
  if (hours > 0) return `${hours} h ${two(minutes)} min`;
  if (minutes > 0) return `${minutes} min ${two(whole % 60)} s`;
  return `${whole} s`;
}

/** Seconds since 1970 of a timestamp of the API; NaN if there is none. */
export function seconds(timestamp) {
  return Date.parse(timestamp ?? "") / 1000;
}

/** A timestamp as the API reads it. */
export function timestamp(atSeconds) {
  return new Date(atSeconds * 1000).toISOString();
}

const formats = {
  second: new Intl.DateTimeFormat([], { timeStyle: "medium", hourCycle: "h23" }),
  minute: new Intl.DateTimeFormat([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }),
  day: new Intl.DateTimeFormat([], { day: "numeric", month: "short" }),
  month: new Intl.DateTimeFormat([], { month: "short", year: "numeric" }),
  date: new Intl.DateTimeFormat([], { day: "numeric", month: "short", year: "numeric" }),
  moment: new Intl.DateTimeFormat([], {
    day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
  }),
};

/** Local time; `form`: second, minute, day, month, date or moment. */
export function time(atSeconds, form) {
  return formats[form].format(new Date(atSeconds * 1000));
}
