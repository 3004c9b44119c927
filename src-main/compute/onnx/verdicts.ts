import { mkdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { writeFileAtomic } from '../../base/files.ts'
import { enginesFolder } from '../../base/homeFolder.ts'
import { driverMark } from './drivers.ts'
import type { GpuProvider } from './providers.ts'

/** What a trial of a provider found out. */
export interface Findings {
  /** The device and its driver, in words; null when the system does not say. */
  readonly adapter: string | null
  /** Nodes that ran, by provider and operation. */
  readonly nodes: readonly { readonly provider: string; readonly op: string; readonly count: number }[]
  /** Largest difference from `eager`, relative to the larger of 1 and the value. */
  readonly error: number
  /** Steps per second on the device and on the processor, at the same size. */
  readonly speed: number
  readonly cpuSpeed: number
}
/** How a trial ended: findings, or the reason why there are none. */
export type Trial = Findings | { readonly failure: string }

const verdictSchema = z.object({
  format: z.literal(1),
  /** What it was found for: runtime, platform and driver. */
  key: z.string(),
  usable: z.boolean(),
  /** One sentence; null when usable. */
  reason: z.string().nullable(),
  adapter: z.string().nullable(),
  /** Steps per second on the device and on the processor; null where the trial did not get there. */
  speed: z.number().nullable(),
  cpuSpeed: z.number().nullable()
})
/** Whether a provider serves on this machine. */
export type Verdict = z.infer<typeof verdictSchema>

/** Differences beyond this are no rounding: nine steps of IQL on the processor differ by some 1e-6. */
const tolerance = 1e-3

/** Weighs a trial: every node on the device, right results, and faster than the processor. */
export function judge(gpu: GpuProvider, key: string, trial: Trial): Verdict {
  if ('failure' in trial)
    return {
      format: 1,
      key,
      usable: false,
      reason: trial.failure,
      adapter: null,
      speed: null,
      cpuSpeed: null
    }
  const { adapter, speed, cpuSpeed } = trial
  const reason = objection(gpu, trial)
  return { format: 1, key, usable: reason === null, reason, adapter, speed, cpuSpeed }
}

function objection(gpu: GpuProvider, { nodes, error, speed, cpuSpeed }: Findings): string | null {
  const elsewhere = nodes.filter(node => node.provider !== gpu.profileName)
  const onDevice = nodes.length - elsewhere.length
  const count = elsewhere.reduce((sum, node) => sum + node.count, 0)
  if (onDevice === 0) return 'no operation of a training step ran on the device.'
  if (count > 0) {
    const names = elsewhere.map(node => (node.count > 1 ? `${node.op} ${node.count} times` : node.op))
    return `${count} operations of a training step would run on the processor (${names.slice(0, 6).join(', ')}).`
  }
  if (!(error <= tolerance))
    return `its results differ from the reference by ${error.toPrecision(2)}, more than ${tolerance}.`
  if (!(speed > cpuSpeed))
    return `the processor is faster: ${perSecond(cpuSpeed)} steps/s, and ${perSecond(speed)} here.`
  return null
}

const perSecond = (speed: number): string => (speed >= 100 ? speed.toFixed(0) : speed.toPrecision(2))

const fileOf = (gpu: GpuProvider): string => join(enginesFolder(), 'onnx', `${gpu.id}.json`)

/** What a verdict is valid for: another runtime, system or driver asks for another trial. */
export async function verdictKey(version: string): Promise<string> {
  return `onnxruntime ${version}, ${process.platform} ${process.arch}, ${await driverMark()}`
}

/** The verdict kept for this runtime and driver; null when there is none, or one that no longer holds. */
export async function readVerdict(gpu: GpuProvider, version: string): Promise<Verdict | null> {
  const text = await readFile(fileOf(gpu), 'utf8').catch(() => null)
  if (text === null) return null
  const verdict = verdictSchema.safeParse(parsed(text))
  return verdict.success && verdict.data.key === (await verdictKey(version)) ? verdict.data : null
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null // a file that no longer reads is as good as none: the trial is repeated
  }
}

/**
 * Keeps a verdict in the engines folder.
 * @throws UserError('disk-full' | 'io-error')
 */
export async function writeVerdict(gpu: GpuProvider, verdict: Verdict): Promise<void> {
  const file = fileOf(gpu)
  await mkdir(dirname(file), { recursive: true })
  await writeFileAtomic(file, `${JSON.stringify(verdict, null, 2)}\n`)
}
