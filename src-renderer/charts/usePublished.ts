import { computed, shallowRef, watch, type ComputedRef } from 'vue'
import type { PublishedScore } from '../../src-preload/contract/compare.ts'
import type { Client } from '../../src-preload/contract/define.ts'
import type { StitchworkContract } from '../../src-preload/contract/index.ts'
import type { ReferenceLine } from './types.ts'

/** An algorithm whose published scores are drawn. */
export interface DrawnAlgorithm {
  /** Short title, for labels. */
  readonly title: string
  readonly colour?: string
}

export interface PublishedLines {
  readonly references: readonly ReferenceLine[]
  /** What the lines are and where they come from; empty without lines. */
  readonly note: string
}

/**
 * The published scores of the drawn algorithms as lines of the score chart, in the colours of their runs.
 * @param algorithms by id
 */
export function publishedLines(
  scores: readonly PublishedScore[],
  algorithms: ReadonlyMap<string, DrawnAlgorithm>
): PublishedLines {
  const drawn = scores.filter(({ algorithm }) => algorithms.has(algorithm))
  if (drawn.length === 0) return { references: [], note: '' }
  const several = new Set(drawn.map(({ dataset }) => dataset)).size > 1
  const references = drawn.map(({ algorithm, dataset, same, source, score }) => {
    const { title = algorithm, colour } = algorithms.get(algorithm) ?? {}
    const data = several ? ` on ${dataset}` : same ? '' : ' on D4RL’s data'
    return {
      label: `${title}${data}, ${source}`,
      value: score,
      ...(colour === undefined ? {} : { colour })
    }
  })
  const others = [...new Set(drawn.filter(({ same }) => !same).map(({ dataset }) => dataset))]
  const caution =
    others.length === 0
      ? ''
      : ` They were reached on D4RL's ${others.join(' and ')}, which is not this data: for orientation only.`
  const sources = [...new Set(drawn.map(({ citation }) => citation))].join('; ')
  return { references, note: `Labelled lines: published scores. ${sources}.${caution}` }
}

/**
 * Fetches what is published for datasets and draws it for the algorithms in view.
 * @param onError told when it cannot be fetched
 */
export function usePublished(
  client: Client<StitchworkContract>,
  datasetIds: () => readonly string[],
  algorithms: () => ReadonlyMap<string, DrawnAlgorithm>,
  onError: (error: unknown) => void
): ComputedRef<PublishedLines> {
  const scores = shallowRef<readonly PublishedScore[]>([])
  watch(
    () => [...new Set(datasetIds())].sort().join(' '),
    async key => {
      try {
        const found = key === '' ? [] : await client.compare.published({ datasetIds: key.split(' ') })
        if (key === [...new Set(datasetIds())].sort().join(' ')) scores.value = found
      } catch (error) {
        onError(error)
      }
    },
    { immediate: true }
  )
  return computed(() => publishedLines(scores.value, algorithms()))
}
