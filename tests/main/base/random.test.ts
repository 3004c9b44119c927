import { expect, test } from 'vitest'
import {
  fillIntegers,
  fillNormal,
  fillUniform,
  philox4x32,
  RandomSequence
} from '../../../src-main/base/random.ts'

// Known-answer vectors published with Random123 (tests/kat_vectors, philox4x32 10): counter, key, output.
const vectors = [
  ['00000000 00000000 00000000 00000000', '00000000 00000000', '6627e8d5 e169c58d bc57ac4c 9b00dbd8'],
  ['ffffffff ffffffff ffffffff ffffffff', 'ffffffff ffffffff', '408f276d 41c83b0e a20bc7c6 6d5451fd'],
  ['243f6a88 85a308d3 13198a2e 03707344', 'a4093822 299f31d0', 'd16cfe09 94fdcceb 5001e420 24126ea1']
]
const words = (text: string): number[] => text.split(' ').map(word => parseInt(word, 16))

test.each(vectors)('philox4x32-10 of counter %s', (counter, key, output) => {
  const block = Uint32Array.from(words(counter))
  philox4x32(block, words(key)[0], words(key)[1])
  expect([...block]).toEqual(words(output))
})

test('float32 uniforms never round up to 1', () => {
  const single = new Float32Array(1 << 20)
  for (let step = 0; step < 16; step++) {
    fillUniform(single, { seed: 3, stream: 'uniform', step })
    expect(single.reduce((a, b) => Math.max(a, b))).toBeLessThan(1)
  }
})

test('float32 uniforms are the float64 ones, rounded down to 24 bits', () => {
  const single = new Float32Array(9)
  const double = new Float64Array(9)
  fillUniform(single, { seed: 3, stream: 'uniform', step: 2 })
  fillUniform(double, { seed: 3, stream: 'uniform', step: 2 })
  single.forEach((value, i) => expect(value).toBe(Math.floor(double[i] * 2 ** 24) / 2 ** 24))
})

test('normals have the moments of a standard normal', () => {
  const count = 200_000
  const out = new Float64Array(count)
  fillNormal(out, { seed: 11, stream: 'normal', step: 5 })
  const moment = (power: number): number => out.reduce((sum, x) => sum + x ** power, 0) / count
  expect(moment(1)).toBeCloseTo(0, 1.9)
  expect(moment(2)).toBeCloseTo(1, 1.9)
  expect(Math.abs(moment(3))).toBeLessThan(0.05)
  expect(Math.abs(moment(4) - 3)).toBeLessThan(0.1)
})

test('integers cover [0, below) evenly', () => {
  const out = new Int32Array(70_000)
  fillIntegers(out, 7, { seed: 1, stream: 'batch', step: 0 })
  const counts = new Array<number>(7).fill(0)
  for (const value of out) counts[value]++
  // 10,000 expected, standard deviation 93.
  for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(400)
})

test('an address alone decides the numbers; a shorter request is a prefix', () => {
  const long = new Float32Array(10)
  const short = new Float32Array(3)
  fillNormal(long, { seed: 9, stream: 'noise/action', step: 4 })
  fillNormal(short, { seed: 9, stream: 'noise/action', step: 4 })
  expect([...short]).toEqual([...long.subarray(0, 3)])
})

test.each([
  ['seed', { seed: 10, stream: 'a', step: 1 }],
  ['a seed beyond 32 bits', { seed: 9 + 2 ** 32, stream: 'a', step: 1 }],
  ['stream', { seed: 9, stream: 'b', step: 1 }],
  ['step', { seed: 9, stream: 'a', step: 2 }]
])('another %s gives other numbers', (_what, address) => {
  const here = new Float64Array(4)
  const there = new Float64Array(4)
  fillUniform(here, { seed: 9, stream: 'a', step: 1 })
  fillUniform(there, address)
  expect([...here]).not.toEqual([...there])
})

test('a sequence goes on from its position', () => {
  const whole = new RandomSequence(5, 'sim')
  const first = [whole.uniform(), whole.normal(), whole.integer(9)]
  const resumed = new RandomSequence(5, 'sim', whole.position)
  expect(first).toHaveLength(3)
  expect([resumed.uniform(2, 3), resumed.normal()]).toEqual([whole.uniform(2, 3), whole.normal()])
})

test('shuffle keeps every item', () => {
  const items = Array.from({ length: 50 }, (_, i) => i)
  const shuffled = new RandomSequence(5, 'shuffle').shuffle([...items])
  expect(shuffled).not.toEqual(items)
  expect(shuffled.sort((a, b) => a - b)).toEqual(items)
})
