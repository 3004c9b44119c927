import type { EngineInfo } from '../../../src-preload/contract/app.ts'
import type { CompileOptions, Engine } from '../engine.ts'
import type { Program, PureFunction } from '../program.ts'
import { eagerBackend } from './backend.ts'
import { EagerCallable } from './callable.ts'
import { inPrecision } from './reducedPrecision.ts'
import { EagerSession } from './session.ts'

/** Op by op on whichever tfjs backend loads; always available. */
export const eagerEngine: Engine = {
  id: 'eager',

  async describe(): Promise<EngineInfo> {
    const { name, version, device } = eagerBackend()
    const title = name === 'tensorflow' ? 'Op by op (TensorFlow)' : 'Op by op (JavaScript)'
    return { id: 'eager', title, available: true, version, device, reason: null }
  },

  async compile(program: Program, { precision }: CompileOptions) {
    return new EagerSession(inPrecision(program, precision ?? 'float32'), eagerBackend().name)
  },

  async compileFunction(fn: PureFunction) {
    return new EagerCallable(fn, eagerBackend().name)
  }
}
