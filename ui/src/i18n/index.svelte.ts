// The words of the window, in two languages, switched live.
import type { Lang } from '../ipc';
import en from './en.json';
import zh from './zh.json';

export type Key = keyof typeof zh;
const catalogues: Record<Lang, Record<Key, string>> = { zh, en };

class I18n {
  lang = $state<Lang>('zh');

  use(lang: Lang): void {
    this.lang = lang;
    document.documentElement.lang = lang === 'zh' ? 'zh-CN' : 'en';
  }

  get locale(): string {
    return this.lang === 'zh' ? 'zh-CN' : 'en-GB';
  }
}

export const i18n = new I18n();

export function t(key: Key, values?: Record<string, string | number>): string {
  const text = catalogues[i18n.lang][key] ?? key;
  return values ? text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole)) : text;
}

export const count = (n: number): string => new Intl.NumberFormat(i18n.locale).format(n);

export function clock(ms: number): string {
  return new Intl.DateTimeFormat(i18n.locale, { hour: '2-digit', minute: '2-digit', hour12: false }).format(ms);
}

/** Today only the time, otherwise the day too. */
export function moment(ms: number): string {
  const [then, now] = [new Date(ms), new Date()];
  if (then.toDateString() === now.toDateString()) return `${t('time.today')} ${clock(ms)}`;
  const year = then.getFullYear() === now.getFullYear() ? undefined : 'numeric';
  return new Intl.DateTimeFormat(i18n.locale, { year, month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hour12: false }).format(ms);
}

export function longDate(iso: string): string {
  const date = new Date(`${iso}T00:00:00`);
  return Number.isNaN(date.getTime()) ? '' : new Intl.DateTimeFormat(i18n.locale, { dateStyle: 'full' }).format(date);
}

/** How long something will still take, as words. */
export const timeLeft = (seconds: number): string =>
  seconds < 90 ? t('time.seconds_left', { n: Math.ceil(seconds) }) : t('time.minutes_left', { n: Math.ceil(seconds / 60) });

/** How long something takes, as words: seconds below two minutes, then minutes, then hours. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 100) return t('time.seconds', { n: whole });
  const minutes = Math.round(whole / 60);
  if (minutes < 90) return t('time.minutes', { n: minutes });
  const [h, m] = [Math.floor(minutes / 60), minutes % 60];
  return m ? t('time.hours_minutes', { h, m }) : t('time.hours', { h });
}

export function bytes(n: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let i = 0;
  while (n >= 1000 && i < units.length - 1) {
    n /= 1000;
    i++;
  }
  return `${new Intl.NumberFormat(i18n.locale, { maximumFractionDigits: i < 3 ? 0 : 1 }).format(n)} ${units[i]}`;
}
