/**
 * The benchmark: steps per second of every engine and of Python libraries in the same sitting, the machine's own ceiling, and what
 * starting, evaluating, logging and memory cost. `npm run bench -- --help` lists the options, docs/benchmarks.md the method.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os'
import type { Bench, Section } from './bench.ts'
import { findField } from './entries.ts'
import { replaceMeasured, replaceTables, type Table, toMarkdown, toText } from './figures.ts'
import { type BenchOptions, readOptions, type SectionName, sectionNames, usage } from './options.ts'
import { ceiling } from './sections/ceiling.ts'
import { evaluation } from './sections/evaluation.ts'
import { host } from './sections/host.ts'
import { profile } from './sections/profile.ts'
import { rollouts } from './sections/rollouts.ts'
import { simulation } from './sections/simulation.ts'
import { startup } from './sections/startup.ts'
import { scaling } from './sections/scaling.ts'
import { stacked } from './sections/stacked.ts'
import { measureRates, rates } from './sections/rates.ts'

const sections: Readonly<Record<SectionName, Section>> = {
  rates,
  ceiling,
  profile,
  startup,
  host,
  evaluation,
  simulation,
  rollouts,
  scaling,
  stacked
}

const print = (text: string): void => void process.stdout.write(`${text}\n`)

function outOfTimeAfter(minutes: number): () => string | null {
  const began = performance.now()
  return () =>
    performance.now() - began < minutes * 60_000
      ? null
      : `${minutes} minutes are over; --all takes as long as it needs`
}

function machine(bench: Bench, startLoad: string): Table {
  const model = cpus()[0]?.model ?? 'unknown processor'
  const memory = (totalmem() / 2 ** 30).toFixed(0)
  const { engines, peers, skipped } = bench.field
  const versions = [
    `Node ${process.versions.node}`,
    ...engines.map(({ info }) => `${info.id} ${info.version} (${info.device})`),
    ...peers.map(({ name, version }) => `${name} ${version}`)
  ]
  const day = new Date().toISOString().slice(0, 10)
  return {
    title: 'Machine',
    columns: [],
    rows: [],
    notes: [
      `${day}, ${model}, ${bench.cores} cores, ${memory} GB, load average ${startLoad} at the start, ${load()} at the end.`,
      `${versions.join(', ')}.`,
      `${bench.options.rounds} alternating windows of ${bench.options.seconds} s each; medians.`,
      ...skipped
    ]
  }
}

const load = (): string => loadavg()[0].toFixed(1)

async function runSections(bench: Bench): Promise<Table[]> {
  const startLoad = load()
  print(toText(machine(bench, startLoad)))
  const tables: Table[] = []
  for (const name of bench.options.sections) {
    const reason = bench.outOfTime()
    const found =
      reason === null
        ? await sections[name](bench)
        : [{ title: name, columns: [], rows: [], notes: [`SKIPPED, ${reason}`] }]
    tables.push(...found)
    for (const table of found) print(`\n${toText(table)}`)
  }
  return [machine(bench, startLoad), ...tables]
}

/** A table that is written by itself says itself where it was measured. */
const withMachine = (table: Table, { notes }: Table): Table => ({
  ...table,
  notes: [...table.notes, notes.slice(0, 3).join(' ')]
})

async function main(options: BenchOptions): Promise<void> {
  const bench: Bench = {
    options,
    field: await findField(options),
    cores: availableParallelism(),
    outOfTime: outOfTimeAfter(options.minutes),
    say: text => void process.stderr.write(`${text}\n`)
  }
  if (options.json) {
    bench.field.skipped.forEach(bench.say)
    print(JSON.stringify((await measureRates(bench)).figures, null, 2))
    return
  }
  const tables = await runSections(bench)
  if (options.write === null) return
  const document = readFileSync(options.write, 'utf8')
  const [machineTable, ...found] = tables
  writeFileSync(
    options.write,
    options.sections.length === sectionNames.length
      ? replaceMeasured(document, tables.map(toMarkdown).join('\n'))
      : replaceTables(
          document,
          found.map(table => withMachine(table, machineTable))
        )
  )
}

try {
  const options = readOptions(process.argv.slice(2))
  if (options === 'help') print(usage)
  else await main(options)
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
