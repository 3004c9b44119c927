/** A process that trains a little on onnxruntime and prints the time of each kind of operation: arguments are a subject as JSON. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onnxEngine } from '../../src-main/compute/onnx/index.ts'
import { type OrtSession, runtime } from '../../src-main/compute/onnx/runtime.ts'
import { drawRequest } from '../../src-main/training/draws.ts'
import { prepare, type Subject } from './subject.ts'

/** Operations inside the loop, by kind. */
export interface OpTime {
  readonly op: string
  readonly microseconds: number
  readonly count: number
}
export interface Profile {
  readonly steps: number
  readonly ops: readonly OpTime[]
}

interface Event {
  readonly cat?: string
  readonly name?: string
  readonly dur?: number
  readonly args?: { readonly op_name?: string }
}

const steps = 40

/** Sums the kernels of a trace; operations that hold others (Loop) are left out. */
export function sumTrace(events: readonly Event[]): OpTime[] {
  const totals = new Map<string, { microseconds: number; count: number }>()
  for (const { cat, name = '', dur = 0, args } of events) {
    const op = args?.op_name
    if (cat !== 'Node' || op === undefined || op === 'Loop' || !name.endsWith('_kernel_time')) continue
    const { microseconds, count } = totals.get(op) ?? { microseconds: 0, count: 0 }
    totals.set(op, { microseconds: microseconds + dur, count: count + 1 })
  }
  return [...totals].map(([op, total]) => ({ op, ...total })).sort((a, b) => b.microseconds - a.microseconds)
}

async function profile(subject: Subject): Promise<Profile> {
  const folder = mkdtempSync(join(tmpdir(), 'stitchwork-profile-'))
  const { InferenceSession } = runtime()
  const create = InferenceSession.create.bind(InferenceSession) as (...args: unknown[]) => Promise<OrtSession>
  let made: OrtSession | null = null
  const profiled = async (model: unknown, options: object): Promise<OrtSession> =>
    (made = await create(model, {
      ...options,
      enableProfiling: true,
      profileFilePrefix: join(folder, 'trace')
    }))
  Object.assign(InferenceSession, { create: profiled })
  const { program, state, columns, rows } = prepare(subject)
  const session = await onnxEngine.compile(program, { threads: 1 })
  await session.load(state)
  await session.setColumns(columns)
  await session.run(
    drawRequest({ seed: 0, batchSize: program.batchSize, rows, noise: program.noise }, 0, steps)
  )
  ;(made as OrtSession | null)?.endProfiling()
  const [file] = readdirSync(folder)
  const events = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Event[]
  rmSync(folder, { recursive: true })
  return { steps, ops: sumTrace(events) }
}

const argument = process.argv[2]
if (import.meta.main && argument !== undefined)
  process.stdout.write(JSON.stringify(await profile(JSON.parse(argument) as Subject)))
