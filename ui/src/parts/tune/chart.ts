// Where the points, lines and axes of a loss chart stand, in pixels of its frame.
import type { LossPoint } from '../../ipc';

export interface Dot {
  x: number;
  y: number;
  step: number;
  loss: number;
}

export interface Tick {
  at: number;
  label: string;
}

export interface Shape {
  train: Dot[];
  /** The training loss, smoothed. */
  trend: Dot[];
  valid: Dot[];
  x: Tick[];
  y: Tick[];
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** Most points of the training loss that are drawn. */
export const MOST = 240;
const MARGIN = { left: 46, right: 14, top: 14, bottom: 30 };

const sound = (points: readonly LossPoint[]): LossPoint[] => points.filter((point) => Number.isFinite(point.loss) && Number.isFinite(point.step));

/** The least of 1, 2, 5, 10, 20 … (also below 1) that is not less than `rough`. */
export function nice(rough: number): number {
  if (!(rough > 0) || !Number.isFinite(rough)) return 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const [one, two, five] = [power, 2 * power, 5 * power];
  // Digits of the division must not push a round number over the next one.
  const enough = rough * (1 - 1e-9);
  return enough <= one ? one : enough <= two ? two : enough <= five ? five : 10 * power;
}

/** At most `most` points: neighbours are put together, each as the mean of its group. */
export function thin(points: readonly LossPoint[], most = MOST): LossPoint[] {
  if (points.length <= most) return [...points];
  const out: LossPoint[] = [];
  for (let i = 0; i < most; i++) {
    const group = points.slice(Math.floor((i * points.length) / most), Math.floor(((i + 1) * points.length) / most));
    const mean = (of: (point: LossPoint) => number) => group.reduce((sum, point) => sum + of(point), 0) / group.length;
    out.push({ step: mean((point) => point.step), loss: mean((point) => point.loss) });
  }
  return out;
}

/**
 * At every point the height of the straight line that fits its neighbours best, the nearer weighing more: it calms noise
 * without lagging behind a fall, at the ends too.
 */
export function smooth(points: readonly LossPoint[]): LossPoint[] {
  const reach = Math.min(20, Math.max(2, Math.floor(points.length / 8)));
  return points.map((point, i) => {
    let [weight, x, y, xx, xy] = [0, 0, 0, 0, 0];
    for (let k = Math.max(0, i - reach); k <= Math.min(points.length - 1, i + reach); k++) {
      const near = points[k]!;
      const share = reach + 1 - Math.abs(k - i);
      const away = near.step - point.step;
      weight += share;
      x += share * away;
      y += share * near.loss;
      xx += share * away * away;
      xy += share * away * near.loss;
    }
    const spread = weight * xx - x * x;
    const slope = spread > 1e-9 ? (weight * xy - x * y) / spread : 0;
    return { step: point.step, loss: (y - slope * x) / weight };
  });
}

/** Round values of a range, its ends included where `round` says so. */
function range(low: number, high: number, wanted: number, least: number): { from: number; to: number; by: number; values: number[] } {
  const by = Math.max(least, nice((high - low) / Math.max(1, wanted)));
  const from = Math.floor(low / by + 1e-9) * by;
  const to = Math.ceil(high / by - 1e-9) * by;
  const values: number[] = [];
  for (let i = 0; from + i * by <= to + by * 1e-6; i++) values.push(from + i * by);
  return { from, to, by, values };
}

/** `steps`: how far the axis reaches, so that one sees how much is still to come. */
export function shape(frame: { width: number; height: number }, train: readonly LossPoint[], valid: readonly LossPoint[], steps: number): Shape {
  const [left, top] = [MARGIN.left, MARGIN.top];
  const right = Math.max(left + 40, frame.width - MARGIN.right);
  const bottom = Math.max(top + 40, frame.height - MARGIN.bottom);
  const [learnt, checked] = [sound(train), sound(valid)];
  const calm = smooth(learnt);
  const losses = [...learnt, ...calm, ...checked].map((point) => point.loss);
  let [low, high] = losses.length ? [losses.reduce((a, b) => Math.min(a, b)), losses.reduce((a, b) => Math.max(a, b))] : [0, 4];
  if (high - low < 0.1) [low, high] = [Math.max(0, low - 0.2), high + 0.2];
  const y = range(low, high, Math.max(2, Math.round((bottom - top) / 52)), 0.01);
  const end = [...learnt, ...checked].reduce((most, point) => Math.max(most, point.step), Math.max(1, steps));
  const x = range(0, end, Math.max(2, Math.round((right - left) / 110)), 1);
  const digits = y.by >= 1 ? 0 : y.by >= 0.1 ? 1 : 2;
  const place = ({ step, loss }: LossPoint): Dot => ({
    x: left + ((right - left) * step) / end,
    y: bottom - ((bottom - top) * (loss - y.from)) / (y.to - y.from),
    step,
    loss,
  });
  return {
    train: thin(learnt).map(place),
    trend: thin(calm).map(place),
    valid: checked.map(place),
    x: x.values.filter((value) => value <= end).map((value) => ({ at: left + ((right - left) * value) / end, label: String(Math.round(value)) })),
    y: y.values.map((value) => ({ at: bottom - ((bottom - top) * (value - y.from)) / (y.to - y.from), label: value.toFixed(digits) })),
    left,
    right,
    top,
    bottom,
  };
}

/** The points as the `d` of a path. */
export const line = (dots: readonly Dot[]): string => dots.map((dot, i) => `${i ? 'L' : 'M'}${dot.x.toFixed(1)} ${dot.y.toFixed(1)}`).join('');

/** The dot whose place is nearest to `x`. */
export function nearest(dots: readonly Dot[], x: number): Dot | null {
  return dots.reduce<Dot | null>((best, dot) => (!best || Math.abs(dot.x - x) < Math.abs(best.x - x) ? dot : best), null);
}
