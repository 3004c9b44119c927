import { add, mul, tanh } from '@tensorflow/tfjs-core'
import type { Tensor } from '@tensorflow/tfjs-core'
import type { Tensors } from '../algorithms/algorithm.ts'
import type { HostTensors } from '../base/tensors.ts'
import { specsOf } from '../base/tensors.ts'
import type { Engine } from '../compute/engine.ts'
import type { PureFunction } from '../compute/program.ts'
import { mlp } from '../nn/mlp.ts'
import { part } from '../nn/parameters.ts'
import type { Behaviour } from './behaviour.ts'
import { tanhMlp } from './ppo/networks.ts'
import { normaliseRows } from './runningMoments.ts'

/** Mean actions of raw observations, a fixed number of rows a call. */
export interface BehaviourPolicy {
  /** @param observations [rows, O] raw; not changed */
  act(observations: Float32Array): Promise<Float32Array>
  close(): Promise<void>
}

const layersOf = (actor: HostTensors): HostTensors =>
  Object.fromEntries(Object.entries(actor).filter(([name]) => name !== 'actor/logStd'))

/** Actions of normalised observations: squashed into bounds where the actor has some, else as the network gives them. */
function actionsOf(actor: Tensors, observations: Tensor): Tensor {
  if (!('centre' in actor)) return tanhMlp(actor, observations)
  return add(mul(tanh(mlp(actor, observations)), actor.half), actor.centre)
}

/** Compiles a behaviour's actor for a number of rows. */
export async function openBehaviour(
  { actor, scale }: Behaviour,
  engine: Engine,
  rows: number
): Promise<BehaviourPolicy> {
  const layers = layersOf(actor)
  const fn: PureFunction = {
    id: 'behaviour/act',
    params: specsOf(layers),
    inputs: { observations: { shape: [rows, scale.mean.length], dtype: 'float32' } },
    outputs: ['actions'],
    fn: (params, { observations }) => ({ actions: actionsOf(part(params, 'actor'), observations) })
  }
  const callable = await engine.compileFunction(fn, { threads: 1 })
  await callable.bind(layers)
  return {
    act: async observations => {
      const { actions } = await callable.call({ observations: normaliseRows(scale, observations.slice()) })
      return actions as Float32Array
    },
    close: () => callable.close()
  }
}
