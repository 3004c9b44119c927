import type { ActionSpace, Dataset, EndReason } from '../../../src-preload/contract/datasets.ts'
import { formatNumber } from '../../charts/format.ts'

/** End reasons in the order of a legend, with what each means for learning. */
export const endReasons: Readonly<Record<EndReason, { readonly word: string; readonly help: string }>> = {
  terminated: { word: 'terminated', help: 'The task ended: there is no future, nothing is bootstrapped.' },
  truncated: {
    word: 'truncated',
    help: 'A time limit stopped it: the future is estimated from the last observation.'
  },
  cut: { word: 'cut', help: 'The recording stops here although the episode went on.' },
  unknown: { word: 'unknown', help: 'The file does not say why it ended; it is treated as a cut.' }
}

const formats: Readonly<Record<string, string>> = {
  'minari-hdf5': 'Minari (HDF5)',
  'minari-arrow': 'Minari (Arrow)',
  d4rl: 'D4RL (HDF5)',
  csv: 'CSV',
  recipe: 'built-in recipe',
  combined: 'combined from other datasets',
  collected: 'collected in the app'
}

/** A dataset's format in words; one that is not known here as it is called. */
export const formatText = (format: string): string => formats[format] ?? format

/** Lines of a dataset's card: headings as words, lists without their brackets, and nothing that says nothing. */
export function cardEntries(card: Readonly<Record<string, string>>): (readonly [string, string])[] {
  return Object.entries(card)
    .map(([heading, words]) => [heading.replaceAll('_', ' '), listText(words)] as const)
    .filter(([, words]) => words !== '' && words !== 'none')
}

function listText(words: string): string {
  if (!words.startsWith('[')) return words
  try {
    const list: unknown = JSON.parse(words)
    return Array.isArray(list) && list.every(item => typeof item === 'string') ? list.join(', ') : words
  } catch {
    return words
  }
}

/** Counts of end reasons as words: `180 terminated, 20 truncated`. */
export const endReasonText = (counts: Dataset['endReasons']): string =>
  (Object.keys(endReasons) as EndReason[])
    .filter(reason => (counts[reason] ?? 0) > 0)
    .map(reason => `${counts[reason].toLocaleString('en')} ${endReasons[reason].word}`)
    .join(', ')

/** A whole number with thousands separated. */
export const countText = (count: number): string => count.toLocaleString('en')

/** Actions in a few words: `3 continuous`, `4 choices`. */
export const actionText = (space: ActionSpace): string =>
  space.kind === 'discrete' ? `${space.count} choices` : `${space.size} continuous`

/** Bounds of continuous actions: one interval where all components share it, else each. */
export function boundsText(space: ActionSpace): string {
  if (space.kind === 'discrete') return `${space.start} to ${space.start + space.count - 1}`
  const each = space.low.map((low, i) => `[${formatNumber(low)}, ${formatNumber(space.high[i] ?? NaN)}]`)
  return new Set(each).size === 1 ? (each[0] ?? '–') : each.join(' ')
}

/** What training does with actions outside their bounds. */
export const outsideText: Readonly<Record<'clip' | 'rescale' | 'unbounded', string>> = {
  clip: 'clipped for training',
  rescale: 'bounds widened to the data',
  unbounded: 'trained without bounds'
}

/** A share as percent: never 0 % for a share above 0. */
export function percentText(share: number): string {
  if (share > 0 && share < 0.001) return '< 0.1 %'
  return `${Number((100 * share).toFixed(1))} %`
}
