/**
 * What each rewrite of the graph gains: a step with everything beside the same step without one of them, in processes of one thread
 * whose windows alternate in pairs.
 *
 *     node tests/bench/passes.ts --engines onnx,tensorflow --sizes 2x256/256,2x64/256 --rounds 7 --seconds 0.3
 *
 * `--algorithm bc` takes another step, `--variants constants,packState` some rewrites alone; `--json` prints an array of
 * `{engine, algorithm, hidden, batchSize, variant, nodes, startCpuSeconds, without, with, gain, low, high}` or with `failure`, speeds
 * in steps per CPU second.
 */
import { parseArgs } from 'node:util'
import { describeEngines } from '../../src-main/compute/index.ts'
import { type Contestant, startEngine } from './contestants.ts'
import { hiddenName, median, ratio, rounded, type Table, toMarkdown } from './figures.ts'
import { readSize } from './options.ts'
import { type Compared, measurePairs } from './pairs.ts'
import { type PassEngine, type Variant, type VariantName, variants, variantStep } from './passVariants.ts'
import { prepare, type Subject } from './subject.ts'

const { values } = parseArgs({
  options: {
    engines: { type: 'string', default: 'onnx,tensorflow' },
    sizes: { type: 'string', default: '2x256/256,2x64/256' },
    algorithm: { type: 'string', default: 'iql' },
    variants: { type: 'string', default: Object.keys(variants).join(',') },
    rounds: { type: 'string', default: '7' },
    seconds: { type: 'string', default: '0.3' },
    json: { type: 'boolean', default: false }
  }
})
const windows = { rounds: Number(values.rounds), seconds: Number(values.seconds) }
const say = (text: string): void => void process.stderr.write(`${text}\n`)
const print = (text: string): void => void process.stdout.write(`${text}\n`)

/** A variant with its process, or why it has none. */
interface Entered {
  readonly variant: VariantName
  readonly nodes: number
  readonly startCpuSeconds: number
  readonly contestant: Contestant | null
  readonly failure: string | null
}
interface Found extends Omit<Entered, 'contestant'> {
  readonly engine: PassEngine
  readonly subject: Subject
  readonly compared: Compared | null
  /** Median speed of the usual step beside all others; its own line has nothing else. */
  readonly usual: number | null
}

async function enter(engine: PassEngine, subject: Subject, variant: VariantName): Promise<Entered> {
  const { graph } = variantStep(prepare(subject).program, variant)
  const nodes = graph.nodes.length
  try {
    const contestant = await startEngine(engine, 'float32', { ...subject, variant }, 1)
    const { startCpuSeconds } = contestant.started
    return { variant, nodes, startCpuSeconds, contestant, failure: null }
  } catch (error) {
    const failure = error instanceof Error ? error.message : String(error)
    return { variant, nodes, startCpuSeconds: NaN, contestant: null, failure }
  }
}

/** The usual step first, then each variant that this engine has. */
function variantsOf(engine: PassEngine): VariantName[] {
  const asked = ['usual', ...values.variants.split(',').map(name => name.trim())]
  for (const name of asked)
    if (!(name in variants))
      throw new Error(`--variants ${name}: choose from ${Object.keys(variants).join(', ')}`)
  const has = (name: VariantName): boolean => (variants[name] as Variant).engines.includes(engine)
  return ([...new Set(asked)] as VariantName[]).filter(has)
}

async function measureAll(engine: PassEngine, subject: Subject): Promise<Found[]> {
  const entered: Entered[] = []
  try {
    for (const variant of variantsOf(engine)) {
      const one = await enter(engine, subject, variant)
      say(`${engine} ${hiddenName(subject.hidden)}: ${variant}, ${one.failure ?? `${one.nodes} nodes`}`)
      entered.push(one)
    }
    const [usual, ...others] = entered
    if (usual.contestant === null) throw new Error(`${engine}: ${usual.failure}`)
    const running = others.flatMap(({ contestant }) => contestant ?? [])
    const compared = await measurePairs(usual.contestant, running, windows)
    return entered.map(({ contestant, ...one }) => {
      const at = contestant === null ? -1 : running.indexOf(contestant)
      const usual = one.variant === 'usual' ? rounded(median(compared.map(({ first }) => first))) : null
      return { ...one, engine, subject, compared: compared[at] ?? null, usual }
    })
  } finally {
    await Promise.all(entered.flatMap(({ contestant }) => contestant?.close() ?? []))
  }
}

/** Speeds with and without; a variant that adds something is the one that has it. */
function speedsOf({ variant, compared }: Found) {
  if (compared === null) return null
  const { first, second, ratio: gain, low, high } = compared
  return (variants[variant] as Variant).adds
    ? { without: first, with: second, gain: 1 / gain, low: 1 / high, high: 1 / low }
    : { without: second, with: first, gain, low, high }
}

function tableOf(title: string, found: readonly Found[]): Table {
  const rows = found.map(one => {
    const speeds = speedsOf(one)
    const { title: name } = variants[one.variant]
    const start = Number.isNaN(one.startCpuSeconds) ? '-' : one.startCpuSeconds.toFixed(2)
    if (speeds === null) return [name, one.nodes, start, '', one.usual ?? '', one.failure ?? '']
    const spread = `${speeds.low.toFixed(2)} to ${speeds.high.toFixed(2)}`
    return [
      name,
      one.nodes,
      start,
      rounded(speeds.without),
      rounded(speeds.with),
      `${ratio(speeds.gain, 1)} (${spread})`
    ]
  })
  const columns = ['left out', 'nodes', 'start, CPU s', 'without', 'with', 'gain (quartiles)']
  return { title, columns, rows, notes: [] }
}

function figuresOf(found: Found): Readonly<Record<string, unknown>> {
  const { engine, subject, variant, nodes, startCpuSeconds, failure } = found
  const { algorithm, hidden, batchSize } = subject
  return {
    ...{ engine, algorithm, hidden, batchSize, variant, nodes, startCpuSeconds },
    ...(failure === null ? speedsOf(found) : { failure })
  }
}

async function main(): Promise<void> {
  const infos = await describeEngines()
  const figures: Readonly<Record<string, unknown>>[] = []
  for (const engine of values.engines.split(',')) {
    const info = infos.find(({ id }) => id === engine)
    if (engine !== 'onnx' && engine !== 'tensorflow')
      throw new Error(`--engines ${engine}: choose from onnx, tensorflow`)
    if (!info?.available) {
      say(`${engine}: SKIPPED, ${info?.reason ?? 'no reason given'}`)
      continue
    }
    for (const size of values.sizes.split(',').map(readSize)) {
      const found = await measureAll(engine, { algorithm: values.algorithm, ...size })
      figures.push(...found.map(figuresOf))
      const title = `${engine}, ${values.algorithm} ${hiddenName(size.hidden)}, batch ${size.batchSize}`
      if (!values.json) print(toMarkdown(tableOf(title, found)))
    }
  }
  if (values.json) print(JSON.stringify(figures, null, 2))
}

try {
  await main()
} catch (error) {
  say(error instanceof Error ? error.message : String(error))
  process.exitCode = 1
}
