import type { EngineInfo } from '../../src-preload/contract/app.ts'
import { UserError } from '../base/errors.ts'
import { eagerEngine } from './eager/index.ts'
import { gpuEngines } from './onnx/gpuEngines.ts'
import { onnxEngine } from './onnx/index.ts'
import { tensorflowEngine } from './tensorflow/index.ts'
import type { Engine } from './engine.ts'

/** All engines, the preferred first. */
export const engines: readonly Engine[] = [onnxEngine, tensorflowEngine, ...gpuEngines, eagerEngine]

/**
 * The engine of an id; `auto` is the first available one.
 * @throws UserError `engine-unavailable` when there is no such engine or it cannot run here
 */
export async function engineById(id: string): Promise<Engine> {
  const candidates = id === 'auto' ? engines : engines.filter(engine => engine.id === id)
  let reason = `choose one of auto, ${engines.map(engine => engine.id).join(', ')}.`
  for (const engine of candidates) {
    const info = await engine.describe()
    if (info.available) return engine
    reason = info.reason ?? reason
  }
  throw new UserError('engine-unavailable', `Engine '${id}' cannot be used here: ${reason}`, { engine: id })
}

/** What is known of each engine, for `doctor` and the settings page. */
export async function describeEngines(): Promise<EngineInfo[]> {
  return Promise.all(engines.map(engine => engine.describe()))
}
