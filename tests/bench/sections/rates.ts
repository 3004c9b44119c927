import { type Bench, entryName, teamsOf } from '../bench.ts'
import { engineEntries, peerEntries } from '../entries.ts'
import { type Figure, hiddenName, ratio, rounded, type Table, teamName } from '../figures.ts'
import { measure, type Team } from '../measure.ts'
import type { Size } from '../options.ts'

interface Group extends Size {
  readonly algorithm: string
  readonly team: Team
}

/** Rates of every algorithm and size, of one run and of as many as cores: the usual size and IQL first. */
export async function measureRates(bench: Bench): Promise<{ figures: Figure[]; skipped: string[] }> {
  const figures: Figure[] = []
  const { firstSizeOnly, sizes } = bench.options
  const skipped: string[] = []
  if (firstSizeOnly.length > 0 && sizes.length > 1)
    skipped.push(
      `${firstSizeOnly.join(', ')} at other sizes: SKIPPED, only with --all, --json or --algorithms`
    )
  for (const group of groupsOf(bench)) {
    const reason = bench.outOfTime()
    if (reason === null) await measureGroup(bench, group, figures, skipped)
    else skipped.push(`${groupName(group)}: SKIPPED, ${reason}`)
  }
  return { figures, skipped }
}

function groupsOf({ options, cores }: Bench): Group[] {
  const iqlFirst = options.algorithms.toSorted((a, b) => Number(b === 'iql') - Number(a === 'iql'))
  return options.sizes.flatMap((size, i) =>
    iqlFirst
      .filter(algorithm => i === 0 || !options.firstSizeOnly.includes(algorithm))
      .flatMap(algorithm => teamsOf(cores).map(team => ({ ...size, algorithm, team })))
  )
}

const groupName = ({ algorithm, hidden, batchSize, team }: Group): string =>
  `${algorithm} ${hiddenName(hidden)}/${batchSize}, ${teamName(team)}`

async function measureGroup(bench: Bench, group: Group, figures: Figure[], skipped: string[]): Promise<void> {
  const { options, field } = bench
  const { team, ...subject } = group
  // Op by op in plain JavaScript a step takes a second: only by request.
  const withEager = options.all || options.engines.includes('eager')
  const entries = [
    ...engineEntries(field, subject, withEager),
    ...peerEntries(field, options.python, subject)
  ]
  const results = await measure(entries, team, options)
  for (const [i, result] of results.entries()) {
    const { engine, device, precision } = entries[i]
    if (result.failure !== null) {
      skipped.push(`${groupName(group)}, ${entryName(entries[i])}: FAILED, ${result.failure}`)
      bench.say(skipped.at(-1)!)
      continue
    }
    const { algorithm, hidden, batchSize } = subject
    const stepsPerSecond = rounded(result.stepsPerSecond)
    const stepsPerCpuSecond = rounded(result.stepsPerCpuSecond)
    figures.push({
      ...{ engine, device, precision, algorithm, hidden, batchSize, ...team },
      ...{ stepsPerSecond, stepsPerCpuSecond }
    })
    bench.say(
      `${groupName(group).padEnd(46)} ${entryName(entries[i]).padEnd(20)} ${String(stepsPerSecond).padStart(8)} steps/s, ${stepsPerCpuSecond} per CPU second`
    )
  }
}

/** One table for each algorithm and size, with ratios to JAX, or else to the slowest engine. */
export async function rates(bench: Bench): Promise<Table[]> {
  const { figures, skipped } = await measureRates(bench)
  const keys = [
    ...new Set(
      figures.map(({ algorithm, hidden, batchSize }) => JSON.stringify([algorithm, hidden, batchSize]))
    )
  ]
  const tables = keys.map(key => {
    const [algorithm, hidden, batchSize] = JSON.parse(key) as [string, number[], number]
    const own = figures.filter(
      figure => JSON.stringify([figure.algorithm, figure.hidden, figure.batchSize]) === key
    )
    return rateTable(`${algorithm} ${hiddenName(hidden)}, batch ${batchSize}`, own)
  })
  return skipped.length === 0
    ? tables
    : [...tables, { title: 'Left out of the rates', columns: [], rows: [], notes: skipped }]
}

/** Rates of one algorithm and size: a line for each engine, three columns for each team. */
export function rateTable(title: string, figures: readonly Figure[]): Table {
  const teams = [...new Set(figures.map(teamName))]
  const names = [...new Set(figures.map(entryName))]
  const find = (name: string, team: string): Figure | undefined =>
    figures.find(figure => entryName(figure) === name && teamName(figure) === team)
  const base = names.includes('jax') ? 'jax' : undefined
  const columns = teams.flatMap(team => [`${team}, steps/s`, ...(base ? [`to ${base}`] : []), 'per CPU s'])
  const rows = names.map(name => [
    name,
    ...teams.flatMap(team => {
      const figure = find(name, team)
      const compared = base ? [ratio(figure?.stepsPerSecond, find(base, team)?.stepsPerSecond)] : []
      return [figure?.stepsPerSecond ?? '-', ...compared, figure?.stepsPerCpuSecond ?? '-']
    })
  ])
  return { title, columns: ['', ...columns], rows, notes: [] }
}
