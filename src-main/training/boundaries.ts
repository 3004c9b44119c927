import type { SharedConfig } from '../algorithms/config.ts'

/** Steps at which an engine call must end, because something reads the state there. */
export interface Boundaries {
  readonly totalSteps: number
  readonly logEvery: number
  /** 0 evaluates at the end only. */
  readonly evalEvery: number
  readonly checkpointEvery: number
  /** Null when derived columns never change. */
  readonly refreshEvery: number | null
}

export function boundariesOf(config: SharedConfig, refreshEvery: number | null): Boundaries {
  const { gradientSteps: totalSteps, logEvery, evalEvery, checkpointEvery } = config
  return { totalSteps, logEvery, evalEvery, checkpointEvery, refreshEvery }
}

/** The first multiple of `period` after `step`; Infinity for a period of 0 or none. */
function nextMultiple(step: number, period: number | null): number {
  return period ? (Math.floor(step / period) + 1) * period : Infinity
}

/** The step at which the next call must end at the latest. */
export function nextBoundary(step: number, of: Boundaries): number {
  const periods = [of.logEvery, of.evalEvery, of.checkpointEvery, of.refreshEvery]
  return Math.min(of.totalSteps, ...periods.map(period => nextMultiple(step, period)))
}

/** The step of the next evaluation, the one at the end included; null after the end. */
export function nextEvaluation(step: number, of: Boundaries): number | null {
  return step >= of.totalSteps ? null : Math.min(nextMultiple(step, of.evalEvery), of.totalSteps)
}

/** What happens after `step`, in this order. */
export function eventsAt(step: number, of: Boundaries) {
  const end = step === of.totalSteps
  const every = (period: number | null): boolean => Boolean(period) && step % (period ?? 1) === 0
  return {
    log: end || every(of.logEvery),
    refresh: !end && every(of.refreshEvery),
    evaluate: end || every(of.evalEvery),
    checkpoint: end ? ('final' as const) : every(of.checkpointEvery) ? ('periodic' as const) : null
  }
}
