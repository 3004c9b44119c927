import { floats, type HostTensors } from '../base/tensors.ts'
import { PortableCallable } from '../compute/onnx/portableCallable.ts'
import type { Normaliser } from '../datasets/normaliser.ts'
import { CompiledPolicy } from './compiledPolicy.ts'
import type { PolicyForm } from './policyForm.ts'

/** A policy that acts, from its form; bind parameters before the first action. Algorithms and engines load only if it needs them. */
export async function openPolicy(form: PolicyForm, normaliser: Normaliser): Promise<CompiledPolicy> {
  if (form.kind === 'recorded') {
    const values = form.values && new PortableCallable(form.values, 1)
    return new CompiledPolicy(normaliser, new PortableCallable(form.act, 1), values, form.valueRows)
  }
  const { algorithmById } = await import('../algorithms/index.ts')
  const { engineById } = await import('../compute/index.ts')
  const { compilePolicy } = await import('./policy.ts')
  const algorithm = algorithmById(form.algorithm)
  const method = { algorithm, config: algorithm.schema.parse(form.config), problem: form.problem }
  const zeros: HostTensors = Object.fromEntries(
    Object.entries(form.tensors).map(([name, { shape }]) => [name, floats(shape)])
  )
  return compilePolicy(method, normaliser, zeros, form.rows, await engineById(form.engine), form.options)
}
