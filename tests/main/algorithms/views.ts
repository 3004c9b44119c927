import type { EvaluateRows, TrainingEpisode, TrainingView } from '../../../src-main/algorithms/algorithm.ts'

/** An episode of one-dimensional data for views made by hand. */
export interface PlainEpisode {
  readonly rewards: readonly number[]
  readonly endReason: TrainingEpisode['endReason']
  /** False where the data lacks the observation after the last action. */
  readonly hasFinal?: boolean
}

/** A view whose observation is the row number and whose next observation is the row number plus 0.5. */
export function viewOfEpisodes(episodes: readonly PlainEpisode[]): TrainingView {
  let firstRow = 0
  const described = episodes.map(({ rewards, endReason }) => {
    const episode = {
      firstRow,
      length: rewards.length,
      endReason,
      rawReturn: rewards.reduce((a, b) => a + b, 0)
    }
    firstRow += rewards.length
    return episode
  })
  const rowCount = firstRow
  const last = new Map(
    episodes.map((episode, i) => [described[i].firstRow + described[i].length - 1, episode])
  )
  const column = (value: (row: number) => number) => ({
    width: 1,
    data: Float32Array.from({ length: rowCount }, (_, row) => value(row))
  })
  return {
    rowCount,
    episodes: described,
    columns: {
      observations: column(row => row),
      nextObservations: column(row => row + 0.5),
      actions: column(() => 0),
      nextActions: column(() => 0),
      rewards: { width: 1, data: Float32Array.from(episodes.flatMap(({ rewards }) => [...rewards])) },
      nonTerminal: column(row => (last.get(row)?.endReason === 'terminated' ? 0 : 1)),
      hasNextAction: column(row => (last.has(row) ? 0 : 1)),
      hasNextObservation: column(row => (last.get(row)?.hasFinal === false ? 0 : 1))
    }
  }
}

/** Stands in for compiled evaluation: V of an observation is given by a plain function. */
export function plainValues(value: (observation: number) => number, asked: number[] = []): EvaluateRows {
  return async (_name, _fn, { observations }) => {
    asked.push(...observations.data)
    return { v: observations.data.map(value) }
  }
}
