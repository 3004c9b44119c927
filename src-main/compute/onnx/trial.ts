import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monotonicSeconds } from '../../base/clock.ts'
import { messageOf } from '../../base/errors.ts'
import type { Session } from '../engine.ts'
import { differenceFromEager, ready } from './difference.ts'
import { describeAdapter } from './drivers.ts'
import { compileOn } from './gpuEngines.ts'
import { onnxEngine } from './index.ts'
import { countNodes } from './nodePlacement.ts'
import { type ProbeCase, probeCase } from './probeCase.ts'
import type { GpuProvider } from './providers.ts'
import type { Provider } from './runtime.ts'
import type { Findings, Trial } from './verdicts.ts'

/** One block and one single step more, so that both forms of the program run. */
const comparedSteps = ({ steps }: GpuProvider): number => steps + 1
const secondsToMeasure = 1.5
/** Steps per second of the small program below which the size of networks cannot matter: drivers that compute on the processor. */
const hopelessSpeed = 15
const mostStepsPerCall = 64

/**
 * Tries a provider with a training step: where its nodes run, how far its results are from the reference, how fast it is.
 * Runs in a process of its own; `provider` lets tests try the trial itself on the processor.
 */
export async function tryProvider(
  gpu: GpuProvider,
  threads: number,
  { provider = gpu.provider, hidden = 256, batchSize = 256 }: TrialSize = {}
): Promise<Trial> {
  const small = probeCase([16, 16], 8)
  let nodes: Findings['nodes']
  try {
    nodes = await placement(gpu, small, provider)
  } catch (error) {
    return { failure: startFailure(gpu, messageOf(error)) }
  }
  const compiled = await compileOn(gpu, small.program, { threads: 1 }, provider)
  const error = await differenceFromEager(small, compiled, comparedSteps(gpu))
  const speedsOf = async (one: ProbeCase) => ({
    speed: await speedOf(one, await compileOn(gpu, one.program, { threads }, provider)),
    cpuSpeed: await speedOf(one, await onnxEngine.compile(one.program, { threads }))
  })
  const little = await speedsOf(small)
  const speeds =
    little.speed < hopelessSpeed ? little : await speedsOf(probeCase([hidden, hidden], batchSize))
  return { adapter: await describeAdapter(), nodes, error, ...speeds }
}

interface TrialSize {
  readonly provider?: Provider
  readonly hidden?: number
  readonly batchSize?: number
}

/** The runtime's long errors in one sentence. */
function startFailure(gpu: GpuProvider, message: string): string {
  if (/No supported adapters|Failed to get a WebGPU adapter/.test(message))
    return 'no graphics adapter with a driver that WebGPU accepts.'
  if (/Failed to load (shared )?library|cannot open shared object/.test(message))
    return 'a library that CUDA needs does not load: have those of CUDA 12 and cuDNN 9 on the library path.'
  return `${gpu.device} does not start: ${message.split('\n')[0].slice(0, 300)}`
}

/** Nodes that a short call executed, by the runtime's own profile. */
async function placement(gpu: GpuProvider, one: ProbeCase, provider: Provider): Promise<Findings['nodes']> {
  const folder = await mkdtemp(join(tmpdir(), 'stitchwork-trial-'))
  try {
    const options = { threads: 1, profile: join(folder, 'profile') }
    const session = await ready(one, await compileOn(gpu, one.program, options, provider))
    await session.run(one.request(0, gpu.steps))
    await session.close()
    const profiles = await Promise.all(
      (await readdir(folder)).map(name => readFile(join(folder, name), 'utf8'))
    )
    return countNodes(profiles)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Steps per second after the first calls, which compile shaders; a slow device is not asked for more than it takes to know. */
async function speedOf(one: ProbeCase, compiled: Session): Promise<number> {
  const session = await ready(one, compiled)
  const secondsFor = async (from: number, steps: number): Promise<number> => {
    const request = one.request(from, steps)
    const start = monotonicSeconds()
    await session.run(request)
    return monotonicSeconds() - start
  }
  try {
    await secondsFor(0, 1)
    const single = await secondsFor(1, 1)
    if (single > secondsToMeasure) return 1 / single
    const perCall = Math.max(1, Math.min(mostStepsPerCall, Math.floor(0.4 / single)))
    await secondsFor(2, perCall)
    let steps = 0
    let seconds = 0
    while (seconds < secondsToMeasure) {
      seconds += await secondsFor(steps, perCall)
      steps += perCall
    }
    return steps / seconds
  } finally {
    await session.close()
  }
}
