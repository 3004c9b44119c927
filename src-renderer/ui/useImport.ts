import { computed, shallowRef, type ComputedRef, type ShallowRef } from 'vue'
import type { Dataset, ImportProgress, ImportReport } from '../../src-preload/contract/datasets.ts'
import { sentenceOf } from './sentence.ts'

export type ImportStage = 'idle' | 'working' | 'report' | 'done' | 'failed' | 'cancelled'

export interface ImportTask {
  readonly stage: ShallowRef<ImportStage>
  readonly progress: ShallowRef<Extract<ImportProgress, { kind: 'progress' }> | null>
  /** Share of the present phase that is done, or null while its total is unknown. */
  readonly share: ComputedRef<number | null>
  readonly report: ShallowRef<ImportReport | null>
  readonly dataset: ShallowRef<Dataset | null>
  /** One sentence, when it failed. */
  readonly problem: ShallowRef<string | null>
  /** Reads a stream of import progress to its end; a second call cancels the first. */
  readonly run: (open: (signal: AbortSignal) => AsyncIterable<ImportProgress>) => Promise<void>
  readonly cancel: () => void
}

/** One import or generation under way: what it reports, how far it is, how it ended. */
export function useImport(): ImportTask {
  const stage = shallowRef<ImportStage>('idle')
  const progress = shallowRef<ImportTask['progress']['value']>(null)
  const report = shallowRef<ImportReport | null>(null)
  const dataset = shallowRef<Dataset | null>(null)
  const problem = shallowRef<string | null>(null)
  let stop = new AbortController()

  function take(item: ImportProgress): void {
    if (item.kind === 'progress') progress.value = item
    else if (item.kind === 'report') {
      report.value = item.report
      stage.value = 'report'
    } else {
      dataset.value = item.dataset
      stage.value = 'done'
    }
  }

  async function run(open: (signal: AbortSignal) => AsyncIterable<ImportProgress>): Promise<void> {
    stop.abort()
    stop = new AbortController()
    const { signal } = stop
    stage.value = 'working'
    progress.value = null
    problem.value = null
    try {
      for await (const item of open(signal)) {
        if (signal.aborted) return
        take(item)
      }
      if (!signal.aborted && stage.value === 'working') fail('The import ended without a result')
    } catch (error) {
      if (!signal.aborted)
        fail(sentenceOf(error) ?? 'The connection was lost before it was done; start again.')
    }
  }

  function fail(text: string): void {
    problem.value = text
    stage.value = 'failed'
  }

  return {
    stage,
    progress,
    share: computed(() => {
      const { done, total } = progress.value ?? { done: 0, total: 0 }
      return total > 0 ? Math.min(1, done / total) : null
    }),
    report,
    dataset,
    problem,
    run,
    cancel() {
      stop.abort()
      if (stage.value === 'working') stage.value = 'cancelled'
    }
  }
}
