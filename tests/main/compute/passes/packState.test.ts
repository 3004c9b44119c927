import * as tf from '@tensorflow/tfjs-core'
import { expect, test } from 'vitest'
import type { Tensors } from '../../../../src-main/algorithms/algorithm.ts'
import { floats, type HostTensors, specsOf, type TensorSpecs } from '../../../../src-main/base/tensors.ts'
import { interpret } from '../../../../src-main/compute/interpret.ts'
import { optimize } from '../../../../src-main/compute/passes/index.ts'
import { pack, packState, unpack } from '../../../../src-main/compute/passes/packState.ts'
import type { Program } from '../../../../src-main/compute/program.ts'
import { traceProgram } from '../../../../src-main/compute/trace.ts'
import { joinSmall, separate } from '../../../../src-main/nn/joined.ts'
import { describeEngines } from '../../../support/engines.ts'
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

test('a state that lacks a tensor of a pack is refused, naming it', () => {
  const packed = packState(optimize(traceProgram(program)), program.state)
  expect(() => pack(packed, { a: state.a, other: state.other })).toThrow(/lacks 'b'/)
})

/** A step that lays these together, in this order, and keeps everything as it is. */
function packedBy(join: (tensors: Tensors) => tf.Tensor, specs: TensorSpecs = program.state) {
  const joining: Program = {
    ...program,
    state: specs,
    metrics: ['total'],
    step: tensors => ({ state: tensors, metrics: { total: tf.sum<tf.Scalar>(join(tensors)) } })
  }
  const { places, state: kept } = packState(optimize(traceProgram(joining)), specs)
  return { places: Object.entries(places).map(([name, { pack, begin }]) => `${name} ${pack} ${begin}`), kept }
}
const flat = (x: tf.Tensor): tf.Tensor => tf.reshape(x, [-1])

test('each tensor has its place in the order in which it is laid', () => {
  const { places, kept } = packedBy(({ a, b }) => tf.concat([b, flat(a)]))
  expect(places).toEqual(['b packed/0 0', 'a packed/0 4'])
  const shapes = Object.entries(kept).map(([name, { shape }]) => `${name} [${shape.join()}]`)
  expect(shapes).toEqual(['other [5]', 'packed/0 [10]'])
})

test('a tensor lies in one pack at most, the first that needs it', () => {
  const { places } = packedBy(({ a, b, other }) =>
    tf.add(tf.sum(tf.concat([flat(a), b])), tf.sum(tf.concat([b, other])))
  )
  expect(places).toEqual(['a packed/0 0', 'b packed/0 6'])
})

test('there are as many packs as separate lists', () => {
  const four: TensorSpecs = { a: floats([2]), b: floats([3]), c: floats([4]), d: floats([5]) }
  const { places } = packedBy(
    ({ a, b, c, d }) => tf.add(tf.sum(tf.concat([a, c])), tf.sum(tf.concat([d, b]))),
    four
  )
  expect(places).toEqual(['a packed/0 0', 'c packed/0 2', 'd packed/1 0', 'b packed/1 5'])
})

test.each([
  ['a tensor twice', ({ b }: Tensors) => tf.concat([b, b])],
  ['a computed value', ({ b, other }: Tensors) => tf.concat([b, tf.neg(other)])]
] as const)('nothing is packed where a step joins %s', (_name, join) => {
  expect(packedBy(join).places).toEqual([])
})

test('rows that are joined are not packed', () => {
  const rows: TensorSpecs = { a: { shape: [2, 3], dtype: 'float32' }, b: { shape: [1, 3], dtype: 'float32' } }
  expect(packedBy(({ a, b }) => tf.concat([a, b], 0), rows).places).toEqual([])
})

test('integers are not packed', () => {
  const integers: TensorSpecs = { a: { shape: [2], dtype: 'int32' }, b: { shape: [3], dtype: 'int32' } }
  const join = ({ a, b }: Tensors): tf.Tensor => tf.cast(tf.concat([a, b]), 'float32')
  expect(packedBy(join, integers).places).toEqual([])
})

describeEngines('a state with a pack', engine => {
  test('is loaded, carried through steps and read as the program has it', async () => {
    const session = await engine.compile(program, { threads: 1 })
    await session.load(state)
    await session.setColumns({})
    await session.run({ steps: 2, indices: new Int32Array(), noise: {} })
    const read = await session.read()
    expect(Object.keys(read)).toEqual(Object.keys(state))
    for (const [name, factor] of Object.entries({ a: 0.25, b: 0.25, other: 0.0625 })) {
      expect(read[name].shape).toEqual(state[name].shape)
      expect(read[name].data).toEqual(state[name].data.map(value => value * factor))
    }
    await session.close()
  })
})
