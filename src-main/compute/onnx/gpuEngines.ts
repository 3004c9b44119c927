import type { EngineInfo } from '../../../src-preload/contract/app.ts'
import type { Precision } from '../../../src-preload/contract/precision.ts'
import { UserError } from '../../base/errors.ts'
import type { CompileOptions, Engine } from '../engine.ts'
import type { Graph } from '../graph.ts'
import { optimize } from '../passes/index.ts'
import type { Program, PureFunction } from '../program.ts'
import { stickyStates } from '../stickyStates.ts'
import { traceFunction, traceProgram } from '../trace.ts'
import { hostMemory, webgpuMemory } from './deviceMemory.ts'
import { functionModel, OnnxCallable } from './function.ts'
import { type GpuProgram, GpuSession } from './gpuSession.ts'
import { onnxEngine } from './index.ts'
import { absence, type GpuProvider, gpuProviders, thisMachine } from './providers.ts'
import { createSession, type Provider, runtimeVersion } from './runtime.ts'
import { unrolledModel } from './unrolled.ts'
import { readVerdict } from './verdicts.ts'

/** Steps compiled by ONNX Runtime for a graphics device; each is offered only where a trial showed that it serves. */
export const gpuEngines: readonly Engine[] = gpuProviders.map(engineOf)

function engineOf(gpu: GpuProvider): Engine {
  return {
    id: gpu.id,
    describe: () => describeProvider(gpu),
    compile: (program, options) => compileOn(gpu, program, options),
    // Acting and valuing are small: the way to the device and back costs more than the processor's whole answer.
    compileFunction: (fn, options) => onnxEngine.compileFunction(fn, options)
  }
}

/** Reads what is known; starts no driver. */
async function describeProvider(gpu: GpuProvider): Promise<EngineInfo> {
  const version = runtimeVersion()
  const precisions =
    gpu.provider === 'cuda' ? { precisions: [{ precision: 'tf32' as const, reason: null }] } : {}
  const info = { id: gpu.id, title: gpu.title, version, device: gpu.device, ...precisions }
  const absent = absence(gpu, thisMachine())
  if (absent !== null) return { ...info, available: false, reason: absent }
  const verdict = await readVerdict(gpu, version)
  if (verdict === null) return { ...info, available: false, reason: untried }
  return {
    ...info,
    device: verdict.adapter === null ? gpu.device : `${gpu.device}: ${verdict.adapter}`,
    available: verdict.usable,
    reason: verdict.usable ? null : verdict.reason
  }
}

const untried = 'not tried yet; measure the engines on the Engines page or with `stitchwork engines bench`.'

interface GpuOptions extends CompileOptions {
  /** Start of the names of profiles, written when the session closes. */
  readonly profile?: string
}

/** Compiles for one provider without asking whether it serves: the trial itself and tests do so. */
export async function compileOn(
  gpu: GpuProvider,
  program: Program,
  options: GpuOptions,
  provider: Provider = gpu.provider
): Promise<GpuSession> {
  setProducts(gpu, options.precision ?? 'float32')
  const graph = optimize(traceProgram(program))
  return new GpuSession(program, gpuProgram(gpu, program, graph, options, provider))
}

/**
 * ONNX Runtime's CUDA provider multiplies in TF32 wherever the device can, and its Node binding hands no option on. NVIDIA's
 * libraries read this variable when they start, which is with the first session; so a process has one precision for good.
 */
function setProducts({ id, provider }: GpuProvider, precision: Precision): void {
  const offered = precision === 'float32' || (precision === 'tf32' && provider === 'cuda')
  if (!offered)
    throw new UserError(
      'engine-unavailable',
      `Engine '${id}' has no ${precision} products; choose float32.`,
      {
        engine: id
      }
    )
  if (provider !== 'cuda') return
  process.env.NVIDIA_TF32_OVERRIDE = precision === 'tf32' ? '1' : '0'
}

function gpuProgram(
  gpu: GpuProvider,
  program: Program,
  graph: Graph,
  { threads, profile }: GpuOptions,
  provider: Provider
): GpuProgram {
  const floating = Object.keys(program.state).filter(name => program.state[name].dtype === 'float32')
  const sticky = stickyStates(graph)
  const usual = floating.filter(name => !sticky.has(name))
  const keeps = gpu.keepsTensors && provider === 'webgpu'
  const kept = keeps ? Object.keys(program.state).map(name => `next/${name}`) : []
  return {
    steps: gpu.steps,
    memory: keeps ? webgpuMemory : hostMemory,
    resident: !gpu.keepsTensors,
    compile: (steps, watchful, resident) => {
      const watched = watchful ? floating : usual
      const model = unrolledModel(program, graph, { steps, watched, resident })
      return createSession(model, threads, { provider, kept, external: resident ?? {}, profile })
    }
  }
}

/** A function on the device itself, to compare its operations with those of the processor. */
export async function compileFunctionOn(gpu: GpuProvider, fn: PureFunction): Promise<OnnxCallable> {
  const model = functionModel(fn, optimize(traceFunction(fn)))
  return new OnnxCallable(fn, await createSession(model, 1, { provider: gpu.provider }))
}
