import { type HostTensors, sizeOf } from '../base/tensors.ts'
import { allFinite } from '../compute/check.ts'
import { eagerEngine } from '../compute/eager/index.ts'
import type { RunRequest, Session } from '../compute/engine.ts'
import type { Program } from '../compute/program.ts'
import { programColumns } from './buildProgram.ts'
import { gatherRows, type Part } from './diagnosis.ts'

/** Where a run became non-finite, as far as it can be told. */
export interface Divergence {
  /** The first bad gradient step, counted from 1. */
  readonly step: number
  /** Non-finite state tensors and metrics after that step; empty when op-by-op execution stays finite. */
  readonly tensors: readonly string[]
  /** Rows of the training view and their episodes in it: those of the batch with non-finite inputs, or where these were derived, the
   * rows with non-finite data; all rows of the batch when every input is finite. */
  readonly rows: readonly {
    readonly row: number
    readonly episode: number
    readonly offset: number
    readonly inputs: readonly string[]
  }[]
  readonly eagerFinite: boolean
}

interface Evidence {
  readonly program: Program
  readonly engine: string
  readonly training: Part
  /** State before the call. */
  readonly before: HostTensors
  /** Steps done before the call. */
  readonly firstStep: number
  readonly request: RunRequest
  /** Index in the call of the first step that the engine flagged. */
  readonly bad: number
}

/** Replays a call op by op up to the flagged step and names what is not finite. */
export async function explainDivergence(evidence: Evidence): Promise<Divergence> {
  const { program, training, before, firstStep, request, bad } = evidence
  const session = await eagerEngine.compile(program, { threads: 1 })
  try {
    await session.load(before)
    await session.setColumns(programColumns(program, training.view, training.derived))
    for (let i = 0; i <= bad; i++) {
      const tensors = await badTensorsAfter(session, program, stepOf(program, request, i))
      if (tensors.length > 0) {
        return { step: firstStep + i + 1, tensors, rows: suspiciousRows(evidence, i), eagerFinite: false }
      }
    }
    return { step: firstStep + bad + 1, tensors: [], rows: suspiciousRows(evidence, bad), eagerFinite: true }
  } finally {
    await session.close()
  }
}

/** The part of a request that is its step `i`. */
function stepOf(program: Program, request: RunRequest, i: number): RunRequest {
  const noise = Object.entries(program.noise).map(([name, { shape }]) => {
    const size = sizeOf(shape)
    return [name, request.noise[name].subarray(i * size, (i + 1) * size)] as const
  })
  const indices = request.indices.subarray(i * program.batchSize, (i + 1) * program.batchSize)
  return { steps: 1, indices, noise: Object.fromEntries(noise) }
}

async function badTensorsAfter(session: Session, program: Program, step: RunRequest): Promise<string[]> {
  const { metrics, finite } = await session.run(step)
  if (finite[0] === 1) return []
  const state = await session.read()
  const badState = Object.keys(state).filter(name => !allFinite(state[name].data))
  return [...program.metrics.filter((_, i) => !Number.isFinite(metrics[i])), ...badState]
}

function suspiciousRows({ program, training, request }: Evidence, i: number): Divergence['rows'] {
  const indices = stepOf(program, request, i).indices
  const batch = gatherRows(program, training, indices)
  const columns = Object.entries(program.columns)
  const rows = [...new Set(indices)].map(row => {
    const at = indices.indexOf(row)
    const inputs = columns.filter(
      ([name, { width }]) => !allFinite(batch[name].subarray(at * width, (at + 1) * width))
    )
    return rowAt(
      training,
      row,
      inputs.map(([name]) => name)
    )
  })
  const broken = rows.filter(({ inputs }) => inputs.length > 0)
  const derivedOnly =
    broken.length > 0 && broken.every(({ inputs }) => inputs.every(name => name in training.derived))
  const sources = derivedOnly ? brokenSources(training) : []
  return [sources, broken, rows].find(found => found.length > 0)!.toSorted((a, b) => a.row - b.row)
}

const rowAt = ({ view }: Part, row: number, inputs: readonly string[]): Divergence['rows'][number] => {
  const episode = view.episodes.findLastIndex(({ firstRow }) => firstRow <= row)
  return { row, episode, offset: row - view.episodes[episode].firstRow, inputs }
}

/** Rows whose own data is non-finite, in the batch or not: a column derived from the whole data spreads what one row holds. */
function brokenSources(training: Part): Divergence['rows'] {
  const { rowCount, columns } = training.view
  const names = ['observations', 'actions', 'rewards'].filter(name => name in columns)
  return Array.from({ length: rowCount }, (_, row) => row).flatMap(row => {
    const inputs = names.filter(name => {
      const { width, data } = columns[name]
      return !allFinite(data.subarray(row * width, (row + 1) * width))
    })
    return inputs.length > 0 ? [rowAt(training, row, inputs)] : []
  })
}

/**
 * The divergence in sentences for the run's log.
 * @param datasetEpisode index in the dataset of an episode of the training part
 */
export function describeDivergence(
  found: Divergence,
  engine: string,
  datasetEpisode: (episode: number) => number
): string {
  const { step, tensors, rows, eagerFinite } = found
  const place = ({ episode, offset }: Divergence['rows'][number]): string =>
    `episode ${datasetEpisode(episode)} step ${offset}`
  const broken = rows.filter(({ inputs }) => inputs.length > 0)
  const list = (items: readonly string[], most: number): string =>
    items.slice(0, most).join(', ') + (items.length > most ? ` and ${items.length - most} more` : '')
  const what = eagerFinite
    ? `Step ${step} gave a non-finite value on engine '${engine}', but the same step computed op by op stays finite: the engine, not the method, is at fault.`
    : `Step ${step} gave a non-finite value in ${list(tensors, 6)}.`
  if (broken.length > 0) {
    const inputs = [...new Set(broken.flatMap(row => row.inputs))]
    return `${what} The data holds non-finite ${inputs.join(', ')} in ${list(broken.map(place), 8)}.`
  }
  const advice = eagerFinite
    ? 'Train with another engine.'
    : 'A smaller learning rate, scaled rewards or clipped weights usually help.'
  return `${what} ${advice} All inputs of its batch are finite; its rows are ${list(rows.map(place), 3)}.`
}
