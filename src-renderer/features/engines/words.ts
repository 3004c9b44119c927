import type { EngineEntry, EngineProgress, MeasuredSize } from '../../../src-preload/contract/engines.ts'
import { precisionTexts, type Precision } from '../../../src-preload/contract/precision.ts'
import { byteText } from '../../ui/bytes.ts'

/** Layers as people say them: `2 × 256`, or `64, 32` where they differ. */
export function layersText(sizes: readonly number[]): string {
  const [first] = sizes
  return sizes.every(size => size === first) ? `${sizes.length} × ${first ?? 0}` : sizes.join(', ')
}

/** A measured size in one line, without its algorithm. */
export const sizeText = ({ hiddenSizes, batchSize }: MeasuredSize): string =>
  `${layersText(hiddenSizes)}, batch ${batchSize}`

/** What else its speed depends on. */
export const sizeDetail = ({ observationSize, actionSize, actions, threads }: MeasuredSize): string =>
  `up to ${observationSize} observations and ${actionSize} ${actions} actions, ${threadText(threads)}`

export const threadText = (threads: number): string => `${threads} ${threads === 1 ? 'thread' : 'threads'}`

/** An engine in a number format, as a column's head. */
export function contestantText(title: string, precision: Precision): string {
  return precision === 'float32' ? title : `${title}, ${precisionTexts[precision].title}`
}

const stateTexts: Readonly<Record<EngineProgress['state'], string>> = {
  idle: 'Not begun',
  downloading: 'Downloading',
  unpacking: 'Unpacking',
  building: 'Building the binding',
  verifying: 'Training a step to verify it',
  done: 'Done',
  failed: 'Failed',
  cancelled: 'Cancelled'
}

/** Where an install is. */
export const stateText = (state: EngineProgress['state']): string => stateTexts[state]

/** The steps of an install, in their order. */
export const installSteps = ['downloading', 'unpacking', 'building', 'verifying'] as const

/** Bytes done, of all where that is known. */
export function bytesDone({ doneBytes, totalBytes }: EngineProgress): string {
  if (doneBytes === 0) return ''
  return totalBytes > 0 ? `${byteText(doneBytes)} of ${byteText(totalBytes)}` : byteText(doneBytes)
}

/** Why an engine cannot be used; on this page a command line is not the way to install one. */
export const reasonText = ({ reason, installable }: EngineEntry): string =>
  (reason ?? '').replace(/ with: stitchwork engines install \w+/, installable ? ' below' : '$&')

/** Version and device of an engine, and what it takes on the disk. */
export function factsOf({ version, device, installed }: EngineEntry): string {
  const size = installed ? `${byteText(installed.sizeBytes)} on the disk` : ''
  return [version, device, size].filter(Boolean).join(' · ')
}
