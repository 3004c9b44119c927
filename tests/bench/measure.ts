import type { Contestant, Entry } from './contestants.ts'
import { median } from './figures.ts'
import type { Speed } from './runner.ts'

/** How many processes of one entry work at the same time, and on how many threads each. */
export interface Team {
  readonly runs: number
  readonly threads: number
}

export interface Windows {
  readonly rounds: number
  readonly seconds: number
}

/** Medians over the rounds, or why there are none. */
export type Measured =
  | {
      /** Of all runs of the team together. */
      readonly stepsPerSecond: number
      /** Of one run. */
      readonly stepsPerCpuSecond: number
      readonly memoryBytes: number | null
      readonly failure: null
    }
  | { readonly failure: string }

/**
 * Measures entries side by side: all are started, then windows of all alternate, so that a busy machine slows all alike.
 * An entry that fails drops out with its reason.
 */
export async function measure(entries: readonly Entry[], team: Team, windows: Windows): Promise<Measured[]> {
  const teams: Competing[] = []
  try {
    for (const entry of entries) teams.push(await startTeam(entry, team))
    for (let round = 0; round < windows.rounds; round++) {
      for (const competing of teams) await competeOnce(competing, windows.seconds)
    }
    return teams.map(summary)
  } finally {
    await Promise.all(teams.flatMap(({ contestants }) => contestants).map(contestant => contestant.close()))
  }
}

interface Competing {
  readonly contestants: readonly Contestant[]
  readonly speeds: (readonly Speed[])[]
  failure: string | null
}

async function startTeam(entry: Entry, { runs, threads }: Team): Promise<Competing> {
  const starts = Array.from({ length: runs }, (_, core) => entry.start(threads, threads === 1 ? core : null))
  const settled = await Promise.allSettled(starts)
  const contestants = settled.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []))
  const failed = settled.find(result => result.status === 'rejected')
  return { contestants, speeds: [], failure: failed ? reasonOf(failed.reason) : null }
}

async function competeOnce(competing: Competing, seconds: number): Promise<void> {
  if (competing.failure !== null) return
  try {
    const { contestants, speeds } = competing
    speeds.push(await Promise.all(contestants.map(contestant => contestant.window({ seconds }))))
  } catch (error) {
    competing.failure = reasonOf(error)
  }
}

function summary({ speeds, failure }: Competing): Measured {
  if (failure !== null) return { failure }
  const memory = speeds.flat().flatMap(({ memoryBytes }) => memoryBytes ?? [])
  return {
    stepsPerSecond: median(speeds.map(team => team.reduce((sum, speed) => sum + speed.stepsPerSecond, 0))),
    stepsPerCpuSecond: median(speeds.flat().map(speed => speed.stepsPerCpuSecond)),
    memoryBytes: memory.length > 0 ? Math.max(...memory) : null,
    failure: null
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
