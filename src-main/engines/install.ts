/** Installing the TensorFlow engine: libraries from wheels, a binding built here, a trial, and then one rename. */
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { InstalledEngine } from '../../src-preload/contract/engines.ts'
import { now } from '../base/clock.ts'
import { UserError } from '../base/errors.ts'
import { writeFileAtomic } from '../base/files.ts'
import { bindingSources, buildBinding, findCompiler } from './compiler.ts'
import {
  buildLog,
  createStaging,
  downloadsFolder,
  folderBytes,
  publishEngine,
  requireSpace,
  sweepLeftovers,
  withEnginesLock
} from './folders.ts'
import { recordName, type EngineRecord } from './installed.ts'
import type { InstallJob, InstallStep } from './messages.ts'
import { waitMs, type Wait } from './network.ts'
import { gatherWheels } from './sources.ts'
import { requireSupported } from './supported.ts'
import { verifyEngine } from './verify.ts'
import { includeFolder, neededFiles, type Wheel } from './wheel.ts'

/** What tests replace. */
export interface InstallParts {
  readonly wait: Wait
  readonly verify: (staging: string) => Promise<void>
  readonly hasNvidiaDriver?: () => boolean
}

/**
 * Installs the TensorFlow engine into the engines folder, in place of an older one.
 * @throws UserError; then the older engine is as it was, and downloads are kept for the next attempt
 */
export async function installTensorflow(
  job: InstallJob,
  report: (step: InstallStep) => void,
  parts: InstallParts = { wait: waitMs, verify: verifyEngine }
): Promise<InstalledEngine> {
  requireSupported()
  const compiler = await findCompiler()
  const binding = bindingSources().version
  return withEnginesLock(job.folder, async () => {
    await sweepLeftovers(job.folder)
    if (job.gpu && !(parts.hasNvidiaDriver ?? nvidiaDriverHere)()) report({ ...nothing, ...noDriver })
    const wheels = await gatherWheels(job, report, parts.wait)
    const staging = await createStaging(job.folder)
    try {
      const folder = join(staging, 'tensorflow')
      await unpack(job.folder, folder, wheels, report)
      report({ ...nothing, state: 'building', text: `building the binding with ${compiler.title}` })
      await buildBinding(compiler, folder, buildLog(job.folder))
      await rm(join(folder, includeFolder), { recursive: true })
      const record: EngineRecord = {
        format: 1,
        package: wheels[0].name,
        version: wheels[0].version,
        gpu: job.gpu,
        binding,
        compiler: compiler.title,
        sizeBytes: await folderBytes(folder),
        installedAt: new Date(now()).toISOString(),
        verified: true
      }
      await writeFileAtomic(join(folder, recordName), `${JSON.stringify(record, null, 2)}\n`)
      report({ ...nothing, state: 'verifying', text: 'running a step' })
      await parts.verify(staging)
      await publishEngine(job.folder, staging)
      await rm(buildLog(job.folder), { force: true })
      if (!job.keep) await rm(downloadsFolder(job.folder), { recursive: true, force: true })
      return { ...record, installedAt: Date.parse(record.installedAt) }
    } finally {
      for (const wheel of wheels) wheel.close()
      await rm(staging, { recursive: true, force: true })
    }
  })
}

/** Files by which the driver shows itself, the last one in Linux under Windows. */
const nvidiaDriverHere = (): boolean =>
  ['/proc/driver/nvidia/version', '/dev/nvidiactl', '/dev/dxg'].some(path => existsSync(path))

/** No reason to stop: an engine may be prepared for a machine that gets its GPU later. */
const noDriver = {
  state: 'downloading',
  text: 'no NVIDIA driver was found here: until there is one the engine trains on the processor, for which the install without a GPU is enough'
} as const

const nothing = { doneBytes: 0, totalBytes: 0 }

/** Takes libraries and headers out of the wheels, once there is room for them. */
async function unpack(
  engines: string,
  folder: string,
  wheels: readonly Wheel[],
  report: (step: InstallStep) => void
): Promise<void> {
  const files = wheels.flatMap(wheel => neededFiles(wheel).map(file => ({ ...file, wheel })))
  const totalBytes = files.reduce((sum, { wheel, name }) => sum + (wheel.sizes.get(name) ?? 0), 0)
  await requireSpace(engines, totalBytes)
  let doneBytes = 0
  for (const { wheel, name, place, mode } of files) {
    await wheel.extract(name, join(folder, place), mode, bytes => {
      doneBytes += bytes
      report({ state: 'unpacking', doneBytes, totalBytes, text: `unpacking ${named(name)}` })
    })
  }
  for (const name of ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'])
    if (!existsSync(join(folder, 'lib', name)))
      throw new UserError('invalid-file', `the wheel holds no ${name}; take a wheel of TensorFlow 2.21`)
}

/** Headers are many and small: one name stands for all. */
const named = (file: string): string => (file.endsWith('.h') ? 'headers' : basename(file))
