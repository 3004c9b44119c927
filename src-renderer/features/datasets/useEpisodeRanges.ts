import { computed, type WritableComputedRef } from 'vue'
import { setQuery, useQuery } from '../../ui/route.ts'
import { parseRange, rangeText, type Range } from './episodeRange.ts'

/** What is brushed on the histograms, kept in the address, so that the list of episodes shows the same. */
export function useEpisodeRanges(): {
  readonly returns: WritableComputedRef<Range>
  readonly lengths: WritableComputedRef<Range>
  readonly clear: () => void
} {
  const one = (name: 'returns' | 'lengths'): WritableComputedRef<Range> => {
    const text = useQuery(name)
    return computed({
      get: () => parseRange(text.value),
      set: range => setQuery({ [name]: rangeText(range) })
    })
  }
  return {
    returns: one('returns'),
    lengths: one('lengths'),
    clear: () => setQuery({ returns: '', lengths: '' })
  }
}
