import { type HostTensors, specsOf, type TensorSpecs } from '../base/tensors.ts'
import type { CompileOptions, Engine } from '../compute/engine.ts'
import { onnxEngine } from '../compute/onnx/index.ts'
import { portableFunction } from '../compute/onnx/portable.ts'
import type { PortableFunction } from '../compute/onnx/portableCallable.ts'
import type { Method } from './buildProgram.ts'
import { lockStepRows } from './episodes.ts'
import { actFunction, valueFunction, valueRows } from './policy.ts'

/** How a policy travels to where it acts: plain data, without its parameters. */
export type PolicyForm =
  | {
      readonly kind: 'recorded'
      readonly act: PortableFunction
      /** Null for methods without values and where no rollout is kept. */
      readonly values: PortableFunction | null
      readonly valueRows: number
    }
  | {
      readonly kind: 'method'
      readonly algorithm: string
      readonly config: Readonly<Record<string, unknown>>
      readonly problem: Method['problem']
      readonly tensors: TensorSpecs
      readonly rows: number
      readonly engine: string
      readonly options: CompileOptions
    }

/**
 * The form of a method's policy for the rows that episodes are played in. It acts as it will once exported, as a float32 ONNX graph on the
 * CPU, whatever engine trains it; under `eager`, and where onnxruntime does not load, it acts by the run's own engine.
 * @param tensors the policy tensors of any state of the right shapes
 */
export async function policyForm(method: Method, tensors: HostTensors, engine: Engine): Promise<PolicyForm> {
  const { algorithm, config, problem } = method
  if (engine.id === 'eager' || !(await onnxEngine.describe()).available) {
    const plain = { algorithm: algorithm.id, config: { ...config }, problem, tensors: specsOf(tensors) }
    return { kind: 'method', ...plain, rows: lockStepRows, engine: engine.id, options: { threads: 1 } }
  }
  const values = config.keepRollouts > 0 ? await valueFunction(method, tensors, valueRows) : null
  const act = portableFunction(actFunction(method, specsOf(tensors), lockStepRows))
  return { kind: 'recorded', act, values: values && portableFunction(values), valueRows }
}

/** Names of the tensors that a form reads. */
export function tensorsOf(form: PolicyForm): readonly string[] {
  if (form.kind === 'method') return Object.keys(form.tensors)
  return [...new Set([form.act, form.values].flatMap(fn => Object.keys(fn?.params ?? {})))]
}
