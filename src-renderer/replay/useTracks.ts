import { shallowRef, watch, type ShallowRef } from 'vue'
import type { Client } from '../../src-preload/contract/define.ts'
import type { StitchworkContract } from '../../src-preload/contract/index.ts'
import { trackOf, trackOfEpisode, type Track, type TrackStyle } from './track.ts'

/** One episode to show, of an evaluation or of a dataset, and how it is drawn. */
export type TrackRequest = { readonly episode: number; readonly name: string; readonly colour: string } & (
  | { readonly kind: 'run'; readonly runId: string; readonly step: number }
  | { readonly kind: 'dataset'; readonly datasetId: string }
)

/** At most this many at once: more cannot be told apart. */
export const trackLimit = 6

type TracksClient = Pick<Client<StitchworkContract>, 'evaluations' | 'datasets'>

const idOf = (request: TrackRequest): string =>
  request.kind === 'run'
    ? `${request.runId}/${request.step}/${request.episode}`
    : `${request.datasetId}/${request.episode}`

async function loadTrack(client: TracksClient, request: TrackRequest, style: TrackStyle): Promise<Track> {
  const { episode } = request
  if (request.kind === 'dataset')
    return trackOfEpisode(await client.datasets.episode({ id: request.datasetId, index: episode }), style)
  return trackOf(
    await client.evaluations.rollout({ runId: request.runId, step: request.step, episode }),
    style
  )
}

interface Tracks {
  readonly tracks: ShallowRef<readonly Track[]>
  readonly loading: ShallowRef<boolean>
  /** Why the first of those that could not be loaded was not; null when all were. */
  readonly problem: ShallowRef<unknown>
}

/**
 * Loads the episodes asked for, keeps those already loaded, and drops answers that come too late. One that cannot be loaded is left
 * out and told; the others are shown.
 * @param requests null while it is not known which are meant: what is shown stays
 */
export function useTracks(
  client: TracksClient,
  requests: () => readonly TrackRequest[] | null,
  onError: (error: unknown) => void
): Tracks {
  const tracks = shallowRef<readonly Track[]>([])
  const loading = shallowRef(false)
  const problem = shallowRef<unknown>(null)
  let latest = 0

  async function load(wanted: readonly TrackRequest[]): Promise<void> {
    const turn = ++latest
    loading.value = true
    const have = new Map(tracks.value.map(track => [track.id, track]))
    const next = await Promise.allSettled(
      wanted.map(async request => {
        const style = { id: idOf(request), name: request.name, colour: request.colour }
        const known = have.get(style.id)
        return known ? { ...known, ...style } : loadTrack(client, request, style)
      })
    )
    if (turn !== latest) return
    const loaded = next.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []))
    const failed = next.flatMap(result => (result.status === 'rejected' ? [result.reason as unknown] : []))
    // One episode asked for twice is one track.
    tracks.value = loaded.filter((track, i) => loaded.findIndex(other => other.id === track.id) === i)
    problem.value = failed[0] ?? null
    loading.value = false
    failed.forEach(onError)
  }

  watch(
    () => JSON.stringify(requests()?.slice(0, trackLimit) ?? null),
    text => {
      if (text === 'null') return
      void load(JSON.parse(text) as TrackRequest[])
    },
    { immediate: true }
  )
  return { tracks, loading, problem }
}
