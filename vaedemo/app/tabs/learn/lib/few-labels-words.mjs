/** What the measured errors with few labels say: sentences that compare the figures, whichever way they fall. */

/**
 * A model: its metrics, null where it is nowhere; the paper's errors in per cent at `COUNTS` labels, null where there
 * is nothing to compare with.
 * @typedef {{title: string, metrics: Record<string, any> | null, paper: readonly number[] | null}} Reader
 * @typedef {{title: string, error: number, deviation: number}} Measured  in per cent
 */

export const COUNTS = [100, 1000];

/** @param {number} value */
const inPercent = value => `${value.toFixed(1)} %`;
/** @param {string[]} words */
const listed = words => (words.length > 1 ? `${words.slice(0, -1).join(', ')} and ${words.at(-1)}` : words[0]);

/**
 * The error of a model, in per cent; null where it is not measured.
 * @param {Reader} reader @param {number} count  of labels @returns {Measured | null}
 */
export function measured({title, metrics}, count) {
  const error = metrics?.[`error_${count}`];
  if (error === undefined) return null;
  return {title, error: 100 * error, deviation: 100 * (metrics?.[`error_${count}_sd`] ?? 0)};
}

/**
 * Sentences about the models that are measured: which errs least, whether more labels change that, and how they stand
 * to a classifier on pixels and to the paper's.
 * @param {Reader[]} readers @param {number | undefined} pixels  the share that a classifier on pixels reads wrong after
 *   100 labels
 */
export function said(readers, pixels) {
  const ranks = COUNTS.map(count =>
    readers.flatMap(reader => measured(reader, count) ?? []).sort((a, b) => a.error - b.error),
  );
  return [
    ...ranks.map((rank, i) => ranked(rank, COUNTS[i], ranks[i - 1])),
    besidePixels(ranks[0], pixels),
    ...readers.map(besidePaper),
  ].filter(sentence => sentence !== '');
}

/**
 * @param {Measured[]} rank  from the least error on @param {number} count  of labels
 * @param {Measured[]} [before]  the rank with fewer labels
 */
function ranked(rank, count, before) {
  if (rank.length < 2) return '';
  const begin = `With ${count.toLocaleString('en')} labels`;
  const isSame = before?.length === rank.length && rank.every(({title}, i) => title === before[i].title);
  const [least, ...others] = rank.map(({title, error}) => `${title} (${inPercent(error)})`);
  const order = isSame ? ' the order is the same' : `, ${least} errs least, then ${others.join(', then ')}`;
  const close = rank
    .slice(1)
    .flatMap((one, i) => (areApart(rank[i], one) ? [] : [`${rank[i].title} and ${one.title}`]));
  const doubt = close.length ? `; the draws of the labels do not tell ${listed(close)} apart` : '';
  return `${begin}${order}${doubt}.`;
}

/** Whether two errors are farther apart than the draws of the labels scatter them. */
function areApart(/** @type {Measured} */ a, /** @type {Measured} */ b) {
  return Math.abs(a.error - b.error) > Math.max(a.deviation, b.deviation);
}

/** @param {Measured[]} rank  at 100 labels @param {number | undefined} share */
function besidePixels(rank, share) {
  if (share === undefined || !rank.length) return '';
  const better = rank.filter(({error}) => error < 100 * share).map(({title}) => title);
  const who = better.length ? listed(better) : 'None of them';
  const errs = better.length > 1 ? 'err' : 'errs';
  const than = `a classifier on the pixels of the same ${COUNTS[0]} pictures (${inPercent(100 * share)})`;
  return `${who} ${errs} less than ${than}.`;
}

/** @param {Reader} reader */
function besidePaper(reader) {
  const parts = COUNTS.flatMap((count, i) => {
    const ours = measured(reader, count);
    if (!ours || !reader.paper) return [];
    const more = ours.error - reader.paper[i];
    const isClose = Math.abs(more) <= ours.deviation;
    const words = isClose
      ? 'as often, within one deviation'
      : `${Math.abs(more).toFixed(1)} points ${more > 0 ? 'more' : 'less'}`;
    return [`with ${count.toLocaleString('en')} labels ${words}`];
  });
  return parts.length ? `Beside the paper’s, ${reader.title} errs ${parts.join(', ')}.` : '';
}
