import { computed, type ComputedRef, type Ref } from 'vue'
import { useAppearance } from '../stores/appearance.ts'
import { useDatasets } from '../stores/datasets.ts'
import { useRuns } from '../stores/runs.ts'
import type { ChoiceContext } from './trackChoice.ts'
import type { EvaluationsOf } from './useEvaluations.ts'

/** What choices of tracks are resolved with: the stores of the page and the evaluations that it follows. */
export function useChoiceContext(evaluations: Readonly<Ref<EvaluationsOf>>): ComputedRef<ChoiceContext> {
  const runs = useRuns()
  const datasets = useDatasets()
  const appearance = useAppearance()
  return computed(() => ({
    evaluations: evaluations.value,
    run: runs.get,
    datasetName: id => datasets.get(id)?.name ?? null,
    colourOf: appearance.colourOf,
    palette: appearance.colours
  }))
}
