import { shallowRef, watch, type ShallowRef } from 'vue'
import type { Client } from '../../src-preload/contract/define.ts'
import type { Evaluation } from '../../src-preload/contract/evaluations.ts'
import type { StitchworkContract } from '../../src-preload/contract/index.ts'
import { trackOf, type Track } from './track.ts'

/** One rollout to show: which run, which evaluation, which of its kept episodes, and how it is drawn. */
export interface TrackRequest {
  readonly runId: string
  readonly step: number
  readonly episode: number
  readonly name: string
  readonly colour: string
}

/** A list of evaluations of one run with newer ones in place of those of the same step, by step. */
export function mergeEvaluations(known: readonly Evaluation[], items: readonly Evaluation[]): Evaluation[] {
  const steps = new Set(items.map(item => item.step))
  return [...known.filter(item => !steps.has(item.step)), ...items].sort((a, b) => a.step - b.step)
}

/** At most this many at once: more cannot be told apart. */
export const trackLimit = 6

const idOf = (request: TrackRequest): string => `${request.runId}/${request.step}/${request.episode}`

/** Loads the rollouts asked for, keeps those already loaded, and drops answers that come too late. */
export function useTracks(
  client: Pick<Client<StitchworkContract>, 'evaluations'>,
  requests: () => readonly TrackRequest[],
  onError: (error: unknown) => void
): { readonly tracks: ShallowRef<readonly Track[]>; readonly loading: ShallowRef<boolean> } {
  const tracks = shallowRef<readonly Track[]>([])
  const loading = shallowRef(false)
  let latest = 0

  async function load(wanted: readonly TrackRequest[]): Promise<void> {
    const turn = ++latest
    loading.value = true
    const have = new Map(tracks.value.map(track => [track.id, track]))
    const next = await Promise.all(
      wanted.map(async request => {
        const style = { id: idOf(request), name: request.name, colour: request.colour }
        const known = have.get(style.id)
        if (known) return { ...known, ...style }
        const { runId, step, episode } = request
        return trackOf(await client.evaluations.rollout({ runId, step, episode }), style)
      })
    )
    if (turn !== latest) return
    tracks.value = next
    loading.value = false
  }

  watch(
    () => JSON.stringify(requests().slice(0, trackLimit)),
    text => {
      load(JSON.parse(text) as TrackRequest[]).catch((error: unknown) => {
        loading.value = false
        onError(error)
      })
    },
    { immediate: true }
  )
  return { tracks, loading }
}
