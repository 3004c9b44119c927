import type { EngineInfo } from '../../../src-preload/contract/app.ts'
import type { CompileOptions, Engine } from '../engine.ts'
import { optimize } from '../passes/index.ts'
import type { Program, PureFunction } from '../program.ts'
import { traceFunction, traceProgram } from '../trace.ts'
import { TensorflowCallable } from './callable.ts'
import { functionModel } from './functionModel.ts'
import { readInstalled } from './location.ts'
import { loadModel } from './runtime.ts'
import { TensorflowSession } from './session.ts'

/** Steps compiled to a TensorFlow graph, run through tfjs-node-gpu on libraries that are installed by one command. */
export const tensorflowEngine: Engine = {
  id: 'tensorflow',

  async describe(): Promise<EngineInfo> {
    const installed = readInstalled()
    const available = 'installed' in installed
    return {
      id: 'tensorflow',
      title: 'Compiled (TensorFlow)',
      available,
      version: available ? installed.installed.version : '',
      device: available && installed.installed.gpu ? 'GPU' : 'CPU',
      reason: available ? null : installed.reason
    }
  },

  async compile(program: Program, { threads }: CompileOptions) {
    const graph = optimize(traceProgram(program))
    return TensorflowSession.open({ program, graph, mode: (process.env.TFMODE ?? 'xla') as 'xla', threads })
  },

  async compileFunction(fn: PureFunction, { threads }: CompileOptions) {
    const graph = optimize(traceFunction(fn))
    return new TensorflowCallable(fn, await loadModel(functionModel(fn, graph, 'graph'), threads))
  }
}
