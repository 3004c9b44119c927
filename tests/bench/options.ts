import { parseArgs } from 'node:util'
import { algorithms } from '../../src-main/algorithms/index.ts'
import { precisions } from '../../src-preload/contract/precision.ts'

/** Networks and batch of one measurement. */
export interface Size {
  readonly hidden: readonly number[]
  readonly batchSize: number
}

export const sectionNames = [
  'rates',
  'ceiling',
  'profile',
  'startup',
  'host',
  'evaluation',
  'simulation',
  'rollouts',
  'scaling',
  'stacked'
] as const
export type SectionName = (typeof sectionNames)[number]

/** What the command line asks for. */
export interface BenchOptions {
  readonly algorithms: readonly string[]
  readonly sizes: readonly Size[]
  /** Algorithms of which only the first size is measured, to keep a run without options short. */
  readonly firstSizeOnly: readonly string[]
  /** Ids of engines; empty for all. */
  readonly engines: readonly string[]
  readonly precisions: readonly string[]
  readonly sections: readonly SectionName[]
  readonly rounds: number
  /** Length of a window. */
  readonly seconds: number
  /** After so long no new measurement starts. */
  readonly minutes: number
  /** Also what the default leaves out because it is slow. */
  readonly all: boolean
  readonly python: string | null
  readonly json: boolean
  /** A document whose measured part is replaced. */
  readonly write: string | null
}

/** Measured at every size also by a run without options: the costliest algorithm and the cheapest. */
const atEverySize = ['iql', 'bc']
const defaultSizes = '2x256/256,3x256/1024,2x64/256'

/** What `--help` prints. */
export const usage = `npm run bench -- [options]
  --algorithms iql,bc      default: all five, at every size iql and bc
  --sizes 2x256/256        layers x width / batch; default: ${defaultSizes}
  --engines onnx           default: every engine that is here
  --precisions float32     default: every number format that an engine has here
  --sections rates         some of ${sectionNames.join(', ')}
  --python PATH            interpreter of a virtual environment with jax, torch or d3rlpy: measured beside ours
  --rounds 3 --seconds 0.6 windows per contestant, and their length
  --minutes 9              no new measurement starts later
  --all                    no time limit, longer windows, and what the default leaves out as slow
  --json                   the rates alone, as one array on standard output
  --write FILE             puts the tables into a document such as docs/benchmarks.md; with --sections those alone are replaced`

/**
 * Reads the command line.
 * @throws Error in one sentence for what is unknown or no number
 */
export function readOptions(args: readonly string[]): BenchOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      algorithms: { type: 'string' },
      sizes: { type: 'string', default: defaultSizes },
      engines: { type: 'string', default: '' },
      precisions: { type: 'string', default: precisions.join(',') },
      sections: { type: 'string' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      minutes: { type: 'string' },
      python: { type: 'string' },
      write: { type: 'string' },
      all: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false }
    }
  })
  if (values.help) return 'help'
  const { all, json } = values
  const known = algorithms.map(({ id }) => id)
  return {
    algorithms: among('algorithms', list(values.algorithms ?? known.join(',')), known),
    firstSizeOnly: all || json || values.algorithms ? [] : known.filter(id => !atEverySize.includes(id)),
    sizes: list(values.sizes).map(readSize),
    engines: list(values.engines),
    precisions: among('precisions', list(values.precisions), precisions),
    sections: json
      ? ['rates']
      : among('sections', list(values.sections ?? sectionNames.join(',')), sectionNames),
    rounds: positive('rounds', values.rounds ?? (all ? '5' : '3')),
    seconds: positive('seconds', values.seconds ?? (all ? '2' : '0.6')),
    minutes: all ? Infinity : positive('minutes', values.minutes ?? '9'),
    ...{ all, json, python: values.python ?? null, write: values.write ?? null }
  }
}

const list = (text: string): string[] =>
  text
    .split(',')
    .map(part => part.trim())
    .filter(Boolean)

/** `2x256/256`: two layers of 256, batches of 256. @throws Error for anything else */
export function readSize(text: string): Size {
  const match = /^(\d+)x(\d+)\/(\d+)$/.exec(text)
  const [layers, width, batchSize] = (match ?? []).slice(1).map(Number)
  if (!layers || !width || !batchSize)
    throw new Error(`--sizes ${text}: write layers x width / batch, such as 2x256/256`)
  return { hidden: Array.from({ length: layers }, () => width), batchSize }
}

function among<T extends string>(option: string, chosen: readonly string[], known: readonly T[]): T[] {
  return chosen.map(word => {
    const found = known.find(one => one.toLowerCase() === word.toLowerCase())
    if (found === undefined) throw new Error(`--${option} ${word}: choose from ${known.join(', ')}`)
    return found
  })
}

function positive(option: string, text: string): number {
  const value = Number(text)
  if (!(value > 0)) throw new Error(`--${option} ${text}: write a number above 0`)
  return value
}
