import type { EngineInfo } from '../../../src-preload/contract/app.ts'
import { UserError } from '../../base/errors.ts'
import type { CompileOptions, Engine } from '../engine.ts'
import { optimize, optimizeStep } from '../passes/index.ts'
import type { Program, PureFunction } from '../program.ts'
import { stickyStates } from '../stickyStates.ts'
import { traceFunction, traceProgram } from '../trace.ts'
import { unpacked } from '../unpacked.ts'
import { functionModel, OnnxCallable } from './function.ts'
import { loopModel } from './loop.ts'
import { createSession, loadRuntime } from './runtime.ts'
import { OnnxSession } from './session.ts'
import { threadsWorth } from './threads.ts'

/** Steps compiled to an ONNX Loop, run by onnxruntime on the CPU: the default. */
export const onnxEngine: Engine = {
  id: 'onnx',

  async describe(): Promise<EngineInfo> {
    const result = loadRuntime()
    const available = 'ort' in result
    return {
      id: 'onnx',
      title: 'Compiled (ONNX Runtime)',
      available,
      version: available ? (result.ort.env.versions.node ?? 'unknown') : '',
      device: 'CPU',
      reason: available ? null : result.reason
    }
  },

  async compile(program: Program, { threads, precision = 'float32', note }: CompileOptions) {
    if (precision !== 'float32')
      throw new UserError(
        'engine-unavailable',
        `Engine 'onnx' has no ${precision} products on the processor; choose float32, or another engine.`,
        { engine: 'onnx' }
      )
    const packed = optimizeStep(traceProgram(program), program.state)
    const { graph } = packed
    const inner = { ...program, state: packed.state }
    const floating = Object.keys(inner.state).filter(name => inner.state[name].dtype === 'float32')
    const sticky = stickyStates(graph)
    const used = threadsWorth(graph, threads)
    if (used < threads)
      note?.(
        `ONNX Runtime computes on ${used} of ${threads} threads: products this small lose when more share them.`
      )
    const create = (watched: readonly string[]) => createSession(loopModel(inner, graph, watched), used)
    const session = new OnnxSession(inner, {
      session: await create(floating.filter(name => !sticky.has(name))),
      compileWatchful: () => create(floating)
    })
    return unpacked(program, packed, session)
  },

  async compileFunction(fn: PureFunction, { threads }: CompileOptions) {
    const model = functionModel(fn, optimize(traceFunction(fn)))
    return new OnnxCallable(fn, await createSession(model, threads))
  }
}
