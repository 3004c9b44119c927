import { UserError } from '../../base/errors.ts'
import type { Precision } from '../../../src-preload/contract/precision.ts'
import type { Metrics, Tensors } from '../../algorithms/algorithm.ts'
import { replay } from '../interpret.ts'
import { multiplyInBfloat16 } from '../passes/reducedPrecision.ts'
import type { Program } from '../program.ts'
import { traceProgram } from '../trace.ts'

/**
 * The program with its products as an engine computes them in a number format: slower here, and what other engines are compared with.
 * @throws UserError('engine-unavailable') for a format that plain operations do not imitate
 */
export function inPrecision(program: Program, precision: Precision): Program {
  if (precision === 'float32') return program
  if (precision === 'tf32')
    throw new UserError('engine-unavailable', "Engine 'eager' has no TF32 products; choose float32.")
  const graph = multiplyInBfloat16(traceProgram(program))
  const step: Program['step'] = (state, batch, noise) => {
    const inputs = {
      ...prefixed('state/', state),
      ...prefixed('batch/', batch),
      ...prefixed('noise/', noise)
    }
    const outputs = replay(graph, inputs)
    return {
      state: under('state/', Object.keys(program.state), outputs),
      metrics: under('metrics/', program.metrics, outputs) as Metrics
    }
  }
  return { ...program, step }
}

const prefixed = (start: string, tensors: Tensors): Tensors =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [start + name, tensor]))

const under = (start: string, names: readonly string[], tensors: Tensors): Tensors =>
  Object.fromEntries(names.map(name => [name, tensors[start + name]]))
