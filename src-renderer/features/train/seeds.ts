/** Most seeds that one plan may have. */
export const mostSeeds = 100

export interface SeedList {
  readonly seeds: readonly number[]
  /** One sentence beside the field; null when the text can be used. */
  readonly problem: string | null
}

const range = /^(\d+)\s*(?:-|–|\.\.)\s*(\d+)$/

/** Reads seeds as people write them: `0, 1, 5` and ranges `0-4`; repeats count once. */
export function parseSeeds(text: string): SeedList {
  const seeds = new Set<number>()
  const problem = (sentence: string): SeedList => ({ seeds: [], problem: sentence })
  const joined = text.replace(/\s*(-|–|\.\.)\s*/g, '$1')
  for (const part of joined.split(/[\s,;]+/).filter(Boolean)) {
    const match = range.exec(part)
    const [from, to] = match ? [Number(match[1]), Number(match[2])] : [Number(part), Number(part)]
    if (!Number.isInteger(from) || !Number.isInteger(to) || from < 0)
      return problem(`“${part}” is no seed: write whole numbers such as 0, 1, 2 or a range such as 0-4.`)
    if (to < from) return problem(`The range ${part} runs backwards.`)
    if (to - from >= mostSeeds) return problem(`${part} is more than ${mostSeeds} seeds.`)
    for (let seed = from; seed <= to; seed++) seeds.add(seed)
  }
  if (seeds.size === 0) return problem('Write at least one seed.')
  if (seeds.size > mostSeeds) return problem(`At most ${mostSeeds} seeds; these are ${seeds.size}.`)
  return { seeds: [...seeds], problem: null }
}
