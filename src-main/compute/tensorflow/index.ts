import type { EngineInfo } from '../../../src-preload/contract/app.ts'
import { executionTexts, type Execution } from '../../../src-preload/contract/execution.ts'
import type { EnginePrecision, Precision } from '../../../src-preload/contract/precision.ts'
import { cpuPrecisions } from '../cpuPrecisions.ts'
import type { CompileOptions, Engine, Session } from '../engine.ts'
import type { Graph } from '../graph.ts'
import { optimize, optimizeStep } from '../passes/index.ts'
import { multiplyInBfloat16 } from '../passes/reducedPrecision.ts'
import type { Program, PureFunction } from '../program.ts'
import { traceFunction, traceProgram } from '../trace.ts'
import { unpacked } from '../unpacked.ts'
import { TensorflowCallable } from './callable.ts'
import { functionModel } from './functionModel.ts'
import { readInstalled } from './location.ts'
import { assureTrusted } from './probe.ts'
import { loadModel, loadTensorflow, usesGpu } from './runtime.ts'
import { TensorflowSession } from './session.ts'
import { readVerdict } from './verdict.ts'

/** Steps compiled to a TensorFlow graph, run through tfjs-node-gpu on libraries that are installed by one command. */
export const tensorflowEngine: Engine = {
  id: 'tensorflow',

  async describe(): Promise<EngineInfo> {
    const result = readInstalled()
    const fixed = { id: 'tensorflow', title: 'Compiled (TensorFlow)' }
    if ('reason' in result)
      return { ...fixed, available: false, version: '', device: 'CPU', reason: result.reason }
    const verdict = readVerdict()
    const gpu = verdict?.gpu === true
    return {
      ...fixed,
      available: verdict?.reason == null,
      version: result.installed.version,
      device: gpu ? 'GPU' : 'CPU',
      reason: verdict?.reason ?? null,
      precisions: gpu ? gpuPrecisions : cpuPrecisions()
    }
  },

  async compile(program: Program, options: CompileOptions) {
    await assureTrusted()
    loadTensorflow(options.threads, options.precision)
    return openSession(program, options)
  },

  async compileFunction(fn: PureFunction, { threads }: CompileOptions) {
    await assureTrusted()
    const graph = optimize(traceFunction(fn))
    return new TensorflowCallable(fn, await loadModel(functionModel(fn, graph, 'graph'), threads))
  }
}

const gpuPrecisions: EnginePrecision[] = [
  { precision: 'bfloat16', reason: null },
  { precision: 'tf32', reason: null }
]

/** A session of a program; the libraries are loaded by then, and trusted or on trial. */
export async function openSession(
  program: Program,
  { threads, precision = 'float32', note, runsAs }: CompileOptions
): Promise<Session> {
  const packed = optimizeStep(traceProgram(program), program.state)
  const graph = inPrecision(packed.graph, precision)
  const inner = { ...program, state: packed.state }
  const execution = modeFor({ gpu: usesGpu(), threads, wanted: process.env.STITCHWORK_TENSORFLOW_MODE })
  const session = await TensorflowSession.open({ program: inner, graph, threads, execution, note, runsAs })
  note?.(`TensorFlow runs the steps ${executionTexts[execution.mode]}: ${execution.reason}.`)
  return unpacked(program, packed, session)
}

function inPrecision(graph: Graph, precision: Precision): Graph {
  return precision === 'bfloat16' ? multiplyInBfloat16(graph) : graph
}

/**
 * XLA where starting operations one by one costs most, on GPUs. On processors oneDNN's products in a plain graph are as fast or faster,
 * start ten times sooner and need 250 MB less; STITCHWORK_TENSORFLOW_MODE (xla, graph) overrides for comparisons.
 */
export function modeFor(place: {
  readonly gpu: boolean
  readonly threads: number
  readonly wanted: string | undefined
}): Execution {
  const { gpu, threads, wanted } = place
  const asked = 'STITCHWORK_TENSORFLOW_MODE asks for it'
  if (wanted === 'graph') return { mode: 'graph', reason: asked }
  if (wanted === 'xla' && !gpu && threads < 2)
    return {
      mode: 'graph',
      reason: 'XLA can wait for ever on one thread of a processor; give the run two for it'
    }
  if (wanted === 'xla') return { mode: 'xla', reason: asked }
  return gpu
    ? { mode: 'xla', reason: 'starting operations one by one costs most on a GPU' }
    : { mode: 'graph', reason: 'on a processor this is as fast as XLA and starts sooner' }
}
