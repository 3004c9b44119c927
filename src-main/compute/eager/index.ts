import type { EngineInfo } from '../../../src-preload/contract/app.ts'
import type { CompileOptions, Engine } from '../engine.ts'
import type { Program, PureFunction } from '../program.ts'
import { eagerBackend, sessionBackend } from './backend.ts'
import { EagerCallable } from './callable.ts'
import { inPrecision } from './reducedPrecision.ts'
import { EagerSession } from './session.ts'

/** Op by op, in plain JavaScript unless the process has something faster loaded; always available. */
export const eagerEngine: Engine = {
  id: 'eager',

  async describe(): Promise<EngineInfo> {
    const { version, device } = eagerBackend()
    return { id: 'eager', title: 'Op by op (JavaScript)', available: true, version, device, reason: null }
  },

  async compile(program: Program, { precision }: CompileOptions) {
    return new EagerSession(inPrecision(program, precision ?? 'float32'), sessionBackend())
  },

  async compileFunction(fn: PureFunction) {
    return new EagerCallable(fn, eagerBackend().name)
  }
}
