import * as tf from '@tensorflow/tfjs-core'
import { expect, test } from 'vitest'
import { floats, type HostTensors, specsOf } from '../../../../src-main/base/tensors.ts'
import { interpret } from '../../../../src-main/compute/interpret.ts'
import { optimize } from '../../../../src-main/compute/passes/index.ts'
import { pack, packState, unpack } from '../../../../src-main/compute/passes/packState.ts'
import type { Program } from '../../../../src-main/compute/program.ts'
import { traceProgram } from '../../../../src-main/compute/trace.ts'
import { joinSmall, separate } from '../../../../src-main/nn/joined.ts'
import { normals } from '../programs.ts'

const order = ['a', 'b']
const state: HostTensors = {
  a: floats([2, 3], normals([2, 3], 'a')),
  b: floats([4], normals([4], 'b')),
  other: floats([5], normals([5], 'other'))
}

/** Decays two tensors that are laid end to end, and one that is not. */
const program: Program = {
  id: 'decay',
  ...{ state: specsOf(state), columns: {}, batchSize: 1, noise: {}, metrics: [] },
  step: tensors => {
    const smaller = tf.mul(joinSmall(tensors, order).joined, 0.5)
    const parts = separate({ joined: smaller }, tensors, order)
    return { state: { ...parts, other: tf.mul(tensors.other, 0.25) }, metrics: {} }
  }
}

const inputsOf = (tensors: HostTensors) =>
  Object.fromEntries(Object.entries(tensors).map(([name, { data }]) => [`state/${name}`, data]))

test('state tensors that a step joins stay joined, and nothing is left that joins or cuts them', () => {
  const packed = packState(optimize(traceProgram(program)), program.state)
  const ops = optimize(packed.graph).nodes.map(({ op }) => op)
  expect(Object.keys(packed.state).sort()).toEqual(['other', 'packed/0'])
  expect(ops.filter(op => op === 'concat' || op === 'slice' || op === 'reshape')).toEqual([])
})

test('a packed step computes what the step computes', () => {
  const packed = packState(optimize(traceProgram(program)), program.state)
  const results = interpret(optimize(packed.graph), inputsOf(pack(packed, state)))
  const next = Object.fromEntries(
    Object.entries(packed.state).map(([name, spec]) => [name, { ...spec, data: results[`state/${name}`] }])
  )
  const plain = interpret(traceProgram(program), inputsOf(state))
  const unpacked = unpack(packed, Object.keys(state), next)
  for (const name of Object.keys(state)) expect(unpacked[name].data).toEqual(plain[`state/${name}`])
})

test('packing and unpacking give back the state, shapes included', () => {
  const packed = packState(optimize(traceProgram(program)), program.state)
  expect(unpack(packed, Object.keys(state), pack(packed, state))).toEqual(state)
})
