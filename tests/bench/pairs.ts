import type { Contestant } from './contestants.ts'
import { median } from './figures.ts'

/** Two contestants whose windows lay side by side. */
export interface Compared {
  /** Steps per CPU second, medians over the windows. */
  readonly first: number
  readonly second: number
  /** Of the ratios of the first to the second, pair by pair: median and quartiles. */
  readonly ratio: number
  readonly low: number
  readonly high: number
}

/**
 * Measures each of several contestants in turns with one that all are compared with; who begins changes from round to round.
 * @param seconds length of a window
 */
export async function measurePairs(
  one: Contestant,
  others: readonly Contestant[],
  { rounds, seconds }: { readonly rounds: number; readonly seconds: number }
): Promise<Compared[]> {
  const pairs = others.map((): (readonly [number, number])[] => [])
  const speedOf = async (contestant: Contestant): Promise<number> =>
    (await contestant.window({ seconds })).stepsPerCpuSecond
  for (let round = 0; round < rounds; round++)
    for (const [i, other] of others.entries()) {
      if (round % 2 === 0) pairs[i].push([await speedOf(one), await speedOf(other)])
      else {
        const second = await speedOf(other)
        pairs[i].push([await speedOf(one), second])
      }
    }
  return pairs.map(compare)
}

/** Summary of pairs of speeds. */
export function compare(pairs: readonly (readonly [number, number])[]): Compared {
  const ratios = pairs.map(([first, second]) => first / second).sort((a, b) => a - b)
  const half = Math.ceil(ratios.length / 2)
  return {
    first: median(pairs.map(([first]) => first)),
    second: median(pairs.map(([, second]) => second)),
    ratio: median(ratios),
    low: median(ratios.slice(0, half)),
    high: median(ratios.slice(-half))
  }
}
