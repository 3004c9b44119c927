import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { checkpointName, readCheckpoint } from '../../../src-main/training/checkpoints.ts'
import type { FromTrainer, TrainingJob } from '../../../src-main/training/messages.ts'
import { curvesOf } from './process.ts'
import { bytesOf } from './support.ts'

/** Values by step, by curve. */
export type Curves = ReadonlyMap<string, ReadonlyMap<number, number>>

const hashOf = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex')

/** Adds what a process said to curves by step; a step that a resumed run computed again replaces the first. */
export function collect(
  curves: Map<string, Map<number, number>>,
  messages: readonly FromTrainer[]
): typeof curves {
  for (const [key, points] of Object.entries(curvesOf(messages))) {
    const values = curves.get(key) ?? new Map<number, number>()
    curves.set(key, values)
    for (const [step, value] of points) values.set(step, value)
  }
  return curves
}

/** What a finished run amounts to: its last checkpoint, and its curves without those that depend on time. */
export async function resultOf(job: TrainingJob, curves: Curves) {
  const name = checkpointName(job.config.gradientSteps as number)
  const { snapshot, run } = await readCheckpoint(join(job.folder, 'checkpoints'), name)
  const { derived, heldOutDerived, window, state } = snapshot
  const points = [...curves]
    .filter(([key]) => !key.startsWith('time/'))
    .map(([key, values]) => [key, hashOf([...values].sort(([a], [b]) => a - b))] as const)
  return {
    state: hashOf(bytesOf(state)),
    ...{ derived, heldOutDerived, window, run },
    curves: Object.fromEntries(points)
  }
}

/** The same for a run of one process. */
export const resultOfMessages = (job: TrainingJob, messages: readonly FromTrainer[]) =>
  resultOf(job, collect(new Map(), messages))
